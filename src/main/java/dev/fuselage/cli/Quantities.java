package dev.fuselage.cli;

import java.time.Duration;
import java.util.Locale;

/** Sizes and ages in few characters. */
final class Quantities {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Quantities() {}

  /**
   * @param exact as a plain number of bytes; otherwise in binary units, such as {@code 1.5MiB}
   */
  static String size(long bytes, boolean exact) {
    if (exact) {
      return Long.toString(bytes);
    }
    double amount = bytes;
    int unit = 0;
    // 1023.5 would be rounded to 1024 of its unit.
    while (amount >= 1023.5 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    boolean whole = unit == 0 || amount >= 99.95;
    return String.format(Locale.ROOT, whole ? "%.0f%s" : "%.1f%s", amount, UNITS[unit]);
  }

  /** The two leading digits or so are enough to tell snapshots apart: {@code 90s}, {@code 47h}. */
  static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 2 * MINUTE) {
      return seconds + "s";
    }
    if (seconds < 2 * HOUR) {
      return seconds / MINUTE + "m";
    }
    if (seconds < 2 * DAY) {
      return seconds / HOUR + "h";
    }
    return seconds / DAY + "d";
  }
}
