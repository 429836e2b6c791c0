package dev.fuselage.snapshot;

import java.util.Iterator;

/**
 * Items as they stood at one moment, read as the reader goes. It holds resources of the store until
 * it is closed, which any thread may do at any time, and twice; an iteration then ends by an {@link
 * SnapshotException} UNAVAILABLE. One thread reads at a time.
 */
public interface Listing<T> extends Iterator<T>, AutoCloseable {
  @Override
  void close();
}
