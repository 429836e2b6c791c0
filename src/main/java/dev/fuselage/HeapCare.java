package dev.fuselage;

import java.util.function.LongSupplier;

/**
 * Has the heap collected when it has grown, so that what a busy moment took goes back to the
 * machine. The serial collector would take all that it may have before it looks at the old ones
 * among its objects: see docs/decisions/0016.
 */
final class HeapCare implements Runnable {
  /** Less is not worth the pause that a collection is. */
  private static final long LEAST_GROWTH = 2L << 20;

  private final LongSupplier committed;
  private final Runnable collection;
  private long settled;

  /** Of this process, which was not collected yet. */
  HeapCare() {
    this(() -> Runtime.getRuntime().totalMemory(), System::gc);
  }

  /**
   * @param committed what the heap has of the machine, in bytes
   * @param collection a full one, after which the heap has little more than it needs
   */
  HeapCare(LongSupplier committed, Runnable collection) {
    this.committed = committed;
    this.collection = collection;
  }

  @Override
  public void run() {
    long grown = committed.getAsLong() - settled;
    if (grown >= Math.max(LEAST_GROWTH, settled / 6)) {
      collection.run();
      settled = committed.getAsLong();
    }
  }
}
