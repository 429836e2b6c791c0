package dev.fuselage.cleanup;

import dev.fuselage.posix.Directory;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.Space;
import java.util.concurrent.TimeUnit;

/**
 * Whether little space is free on a directory's file system. Looks at most once a second, and only
 * when it is asked.
 */
final class LowSpace {
  private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Directory directory;
  private final int percent;
  private boolean looked;
  private long lookedAt;
  private boolean low;

  /**
   * @param percent of space or of inodes free, below which that is little
   */
  LowSpace(Directory directory, int percent) {
    this.directory = directory;
    this.percent = percent;
  }

  synchronized boolean isLow() {
    if (percent > 0 && (!looked || System.nanoTime() - lookedAt >= LOOK_EVERY_NANOS)) {
      looked = true;
      lookedAt = System.nanoTime();
      try {
        Space space = directory.space();
        low =
            isBelow(space.freeBytes(), space.totalBytes())
                || isBelow(space.freeInodes(), space.totalInodes());
      } catch (PosixException e) {
        low = false;
      }
    }
    return low;
  }

  /** Of inodes the total is 0 where they are made as they are needed. */
  private boolean isBelow(long free, long total) {
    return free < total / 100.0 * percent;
  }
}
