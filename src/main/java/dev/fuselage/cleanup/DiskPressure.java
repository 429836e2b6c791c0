package dev.fuselage.cleanup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether work on this machine waits for its disks, as the kernel tells in {@code
 * /proc/pressure/io}. Looks at most once a second, and only when it is asked. Where the kernel does
 * not tell, there is never any pressure.
 */
final class DiskPressure {
  private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final String TOTAL = "total=";

  /**
   * A share of the time, in which some work stood still for a disk, above which others go first.
   */
  private static final double HIGH = 0.4;

  private final Path file;
  private final LongSupplier nanoTime;
  private long lookedAt;
  private long stalledMicros = -1;
  private boolean high;

  DiskPressure(Path file, LongSupplier nanoTime) {
    this.file = file;
    this.nanoTime = nanoTime;
  }

  static DiskPressure ofMachine() {
    return new DiskPressure(Path.of("/proc/pressure/io"), System::nanoTime);
  }

  synchronized boolean isHigh() {
    long now = nanoTime.getAsLong();
    long elapsed = now - lookedAt;
    if (stalledMicros < 0 || elapsed >= LOOK_EVERY_NANOS) {
      long stalled = stalledMicros();
      // What was long ago says nothing of now.
      boolean recent = stalledMicros >= 0 && elapsed < 3 * LOOK_EVERY_NANOS;
      high = recent && (stalled - stalledMicros) * 1000.0 / elapsed > HIGH;
      stalledMicros = stalled;
      lookedAt = now;
    }
    return high;
  }

  /** Of the first line, "some"; 0 where there is none. */
  private long stalledMicros() {
    try {
      String text = Files.readString(file);
      int line = text.indexOf('\n');
      int start = text.indexOf(TOTAL);
      if (start >= 0 && start < line) {
        return Long.parseLong(text.substring(start + TOTAL.length(), line).strip());
      }
    } catch (IOException | NumberFormatException e) {
      // An older kernel, or one without it.
    }
    return 0;
  }
}
