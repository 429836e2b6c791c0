package dev.fuselage.owners;

import dev.fuselage.snapshot.Call;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Makes walks in the background as slow as the budget of entries a second demands. */
final class Pacer implements Call {
  /** After so many entries a walk asks whether to go on. */
  private static final int ENTRIES_A_CHECK = 256;

  private static final long SLICE_NANOS = 20_000_000;

  private final long nanosAnEntry;
  private final BooleanSupplier ended;
  private final BooleanSupplier hurry;
  private long due = System.nanoTime();
  private long slept;

  Pacer(int entriesPerSecond, BooleanSupplier hurry, BooleanSupplier ended) {
    this.nanosAnEntry = 1_000_000_000L / entriesPerSecond;
    this.hurry = hurry;
    this.ended = ended;
  }

  @Override
  public void check() {
    walked(ENTRIES_A_CHECK);
  }

  /** Sleeps for so many entries; throws a {@link CancellationException} when it is time to end. */
  void walked(long entries) {
    due += entries * nanosAnEntry;
    long now = System.nanoTime();
    while (due > now && !ended.getAsBoolean() && !hurry.getAsBoolean()) {
      LockSupport.parkNanos(Math.min(due - now, SLICE_NANOS));
      long woken = System.nanoTime();
      slept += woken - now;
      now = woken;
    }
    if (ended.getAsBoolean()) {
      throw new CancellationException();
    }
    due = Math.max(due, now - SLICE_NANOS);
    if (hurry.getAsBoolean()) {
      due = now;
    }
  }

  /** Nanoseconds that were only waited. */
  long slept() {
    return slept;
  }
}
