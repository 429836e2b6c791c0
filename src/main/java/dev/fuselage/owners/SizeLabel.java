package dev.fuselage.owners;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A size in a label, which comes from outside and may hold anything. */
final class SizeLabel {
  /** As fuselage.usage.max-size is written, and as Kubernetes writes the same. */
  private static final Pattern SIZE = Pattern.compile("(\\d{1,19})(?:[Bb]|([KMGTPEkmgtpe])i?)?");

  private static final String UNITS = "KMGTPE";

  private SizeLabel() {}

  /** What it says, in bytes, a K being 1024; empty if it is no size, or one that is too large. */
  static OptionalLong bytes(String label) {
    Matcher matcher = SIZE.matcher(label.strip());
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(matcher.group(1));
      String unit = matcher.group(2);
      int power = unit == null ? 0 : UNITS.indexOf(Character.toUpperCase(unit.charAt(0))) + 1;
      return OptionalLong.of(Math.multiplyExact(number, 1L << (10 * power)));
    } catch (NumberFormatException | ArithmeticException e) {
      return OptionalLong.empty();
    }
  }
}
