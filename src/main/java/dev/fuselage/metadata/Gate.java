package dev.fuselage.metadata;

import dev.fuselage.snapshot.SnapshotException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts who is inside, so that native handles are closed only when nobody uses them: the use of a
 * closed one ends the JVM.
 */
final class Gate {
  private static final long CLOSED = 1L << 62;
  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  private final AtomicLong inside = new AtomicLong();

  /**
   * Goes inside; who does must {@link #leave}.
   *
   * @throws SnapshotException UNAVAILABLE, if the gate is closed
   */
  void enter() {
    if (inside.incrementAndGet() >= CLOSED) {
      inside.decrementAndGet();
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "the metadata store is closed");
    }
  }

  void leave() {
    inside.decrementAndGet();
  }

  /**
   * Lets nobody in any more, and waits until all are out.
   *
   * @return whether this call closed it, not an earlier one
   */
  boolean close() {
    boolean first = (inside.getAndUpdate(n -> n >= CLOSED ? n : n + CLOSED) & CLOSED) == 0;
    while (inside.get() > CLOSED) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
    return first;
  }
}
