package dev.fuselage.snapshot;

import java.util.Iterator;
import java.util.List;

/** A listing of what is there already. */
public final class ReadyListing<T> implements Listing<T> {
  private final Iterator<T> items;
  private volatile boolean closed;

  public ReadyListing(List<T> items) {
    this.items = items.iterator();
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      throw new SnapshotException(SnapshotException.Code.UNAVAILABLE, "the listing is closed");
    }
    return items.hasNext();
  }

  @Override
  public T next() {
    return items.next();
  }

  @Override
  public void close() {
    closed = true;
  }
}
