package dev.fuselage.overlay;

import java.util.TreeSet;

/** The removals that are under way: their directories may have lost their record already. */
final class RemovalsInFlight {
  private static final long SLICE_MILLIS = 20;

  private final TreeSet<Long> inFlight = new TreeSet<>();
  private long next;

  /** Ends a removal. */
  interface Removal extends AutoCloseable {
    @Override
    void close();
  }

  /** Begins one, before the record goes. */
  synchronized Removal begin() {
    long number = next++;
    inFlight.add(number);
    return () -> end(number);
  }

  private synchronized void end(long number) {
    inFlight.remove(number);
    notifyAll();
  }

  /** Tells those that have begun by now from later ones. */
  synchronized long now() {
    return next;
  }

  /** Waits a little for those that had begun by then. Returns whether all of them are over. */
  synchronized boolean areOver(long then) throws InterruptedException {
    if (!inFlight.isEmpty() && inFlight.first() < then) {
      wait(SLICE_MILLIS);
    }
    return inFlight.isEmpty() || inFlight.first() >= then;
  }
}
