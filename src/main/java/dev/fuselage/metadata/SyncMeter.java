package dev.fuselage.metadata;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts the runs of a shared action: how long they took, and how many callers each served. */
public final class SyncMeter {
  /** Upper bounds of the buckets, in nanoseconds; one more bucket holds what is above. */
  private static final long[] BOUNDS = {
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000L,
    2_500_000_000L,
    10_000_000_000L
  };

  private final AtomicLongArray buckets = new AtomicLongArray(BOUNDS.length + 1);
  private final LongAdder nanos = new LongAdder();
  private final LongAdder callers = new LongAdder();

  /**
   * What was counted.
   *
   * @param bounds upper bounds of the buckets in seconds, without the last, which has none
   * @param counts of each bucket alone, one more than bounds
   * @param seconds all runs together
   * @param callers that were served by all runs together
   */
  public record Counts(double[] bounds, long[] counts, double seconds, long callers) {}

  /** Counts a run that so many callers waited for. */
  public void record(long runNanos, int served) {
    int bucket = 0;
    while (bucket < BOUNDS.length && runNanos > BOUNDS[bucket]) {
      bucket++;
    }
    buckets.incrementAndGet(bucket);
    nanos.add(runNanos);
    callers.add(served);
  }

  /** All since the start. */
  public Counts counts() {
    double[] bounds = new double[BOUNDS.length];
    long[] counts = new long[BOUNDS.length + 1];
    for (int i = 0; i < BOUNDS.length; i++) {
      bounds[i] = BOUNDS[i] / 1e9;
      counts[i] = buckets.get(i);
    }
    counts[BOUNDS.length] = buckets.get(BOUNDS.length);
    return new Counts(bounds, counts, nanos.sum() / 1e9, callers.sum());
  }
}
