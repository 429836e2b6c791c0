package dev.fuselage.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How full a file system is.
 *
 * @param freeBytes what an ordinary user may still write, without root's reserve
 * @param totalInodes 0 where the file system makes inodes as it needs them
 * @param freeInodes 0 where {@code totalInodes} is
 */
public record Space(long totalBytes, long freeBytes, long totalInodes, long freeInodes) {
  /** Reads the kernel's struct statfs, the same on every 64-bit machine. */
  static Space of(MemorySegment answer) {
    long fragment = answer.get(ValueLayout.JAVA_LONG, 72);
    long unit = fragment == 0 ? answer.get(ValueLayout.JAVA_LONG, 8) : fragment;
    return new Space(
        answer.get(ValueLayout.JAVA_LONG, 16) * unit,
        answer.get(ValueLayout.JAVA_LONG, 32) * unit,
        answer.get(ValueLayout.JAVA_LONG, 40),
        answer.get(ValueLayout.JAVA_LONG, 48));
  }
}
