package dev.fuselage.kubernetes;

import java.util.Locale;

/** Sizes as {@code kubectl} shows them. */
final class Sizes {
  private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

  private Sizes() {}

  /** In three digits or so: {@code 0}, {@code 1.5Gi}, {@code 512Mi}. */
  static String of(long bytes) {
    double amount = bytes;
    int unit = 0;
    // 1023.5 would be rounded to 1024 of its unit.
    while (amount >= 1023.5) {
      amount /= 1024;
      unit++;
    }
    boolean whole = unit == 0 || amount >= 99.95;
    return String.format(Locale.ROOT, whole ? "%.0f%s" : "%.1f%s", amount, UNITS[unit]);
  }
}
