package dev.fuselage.cleanup;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Holds background work to so many entries a second, and back while the disk keeps others waiting.
 * One thread at a time, not always the same one.
 */
final class Pacer {
  /** Sleeps are cut into such slices, so that nobody who hurries or closes waits for the pace. */
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long work stands still for the sake of others, before a little more of it is done. */
  private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** That little: trees of a few entries must not each be waited for. */
  private static final int ENTRIES_A_YIELD = 256;

  private final int entriesPerSecond;
  private final BooleanSupplier pressure;
  private final BooleanSupplier hurry;
  private final BooleanSupplier closed;
  private long due = System.nanoTime();
  private long sinceYield;

  /**
   * @param pressure whether others wait for the disk
   * @param hurry whether somebody waits for the work, so that it goes at full speed
   * @param closed whether it is to end
   */
  Pacer(
      int entriesPerSecond,
      BooleanSupplier pressure,
      BooleanSupplier hurry,
      BooleanSupplier closed) {
    this.entriesPerSecond = entriesPerSecond;
    this.pressure = pressure;
    this.hurry = hurry;
    this.closed = closed;
  }

  /**
   * Waits until as much time has passed as so much work may take.
   *
   * @throws CancellationException if it is to end
   */
  void worked(long entries) {
    due += entries * 1_000_000_000L / entriesPerSecond;
    sleepUntil(due);
    sinceYield += entries;
    if (sinceYield >= ENTRIES_A_YIELD && !hurry.getAsBoolean() && pressure.getAsBoolean()) {
      sleepUntil(System.nanoTime() + YIELD_NANOS);
      sinceYield = 0;
    }
    due = Math.max(due, System.nanoTime() - SLICE_NANOS);
  }

  private void sleepUntil(long end) {
    long left = end - System.nanoTime();
    while (left > 0 && !hurry.getAsBoolean() && !closed.getAsBoolean()) {
      LockSupport.parkNanos(this, Math.min(left, SLICE_NANOS));
      left = end - System.nanoTime();
    }
    if (closed.getAsBoolean()) {
      throw new CancellationException("the service stops");
    }
  }
}
