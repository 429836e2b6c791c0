package dev.fuselage.grpc;

import dev.fuselage.grpc.proto.ListSnapshotsResponse;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** The infos of a stream of batches; closing it tells the server to stop. */
final class ClientListing implements Listing<Info> {
  private final Context.CancellableContext context;
  private final Iterator<ListSnapshotsResponse> batches;
  private final Function<StatusRuntimeException, SnapshotException> failure;
  private Iterator<dev.fuselage.grpc.proto.Info> batch = Collections.emptyIterator();
  private volatile boolean closed;

  ClientListing(
      Context.CancellableContext context,
      Iterator<ListSnapshotsResponse> batches,
      Function<StatusRuntimeException, SnapshotException> failure) {
    this.context = context;
    this.batches = batches;
    this.failure = failure;
  }

  @Override
  public boolean hasNext() {
    try {
      while (!closed) {
        if (batch.hasNext()) {
          return true;
        }
        if (!batches.hasNext()) {
          return false;
        }
        batch = batches.next().getInfoList().iterator();
      }
    } catch (StatusRuntimeException e) {
      if (!closed) {
        close();
        throw failure.apply(e);
      }
    }
    throw new SnapshotException(SnapshotException.Code.UNAVAILABLE, "the listing is closed");
  }

  @Override
  public Info next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return Messages.toInfo(batch.next());
  }

  @Override
  public void close() {
    closed = true;
    var unused = context.cancel(null);
  }
}
