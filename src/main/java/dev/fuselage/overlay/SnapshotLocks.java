package dev.fuselage.overlay;

import dev.fuselage.snapshot.SnapshotId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps callers that change the same snapshot apart, and nobody else. By its id, which stays when a
 * commit gives it another name.
 */
final class SnapshotLocks {
  private final Set<SnapshotId> held = new HashSet<>();

  /** Ends a hold. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits until nobody else holds the snapshot. */
  synchronized Held hold(SnapshotId id) {
    boolean interrupted = false;
    while (!held.add(id)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return () -> release(id);
  }

  /** Holds the snapshot; empty if somebody else does. */
  synchronized Optional<Held> tryHold(SnapshotId id) {
    return held.add(id) ? Optional.of(() -> release(id)) : Optional.empty();
  }

  private synchronized void release(SnapshotId id) {
    held.remove(id);
    notifyAll();
  }
}
