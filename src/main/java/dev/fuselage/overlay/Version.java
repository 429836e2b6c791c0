package dev.fuselage.overlay;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbers that a kernel or a program tells of itself; a part that it leaves out is 0. */
record Version(int major, int minor, int patch) {
  private static final Pattern NUMBERS =
      Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?");
  private static final Comparator<Version> ORDER =
      Comparator.comparingInt(Version::major)
          .thenComparingInt(Version::minor)
          .thenComparingInt(Version::patch);

  /** The first version in the text; empty if there is none. */
  static Optional<Version> find(String text) {
    Matcher numbers = NUMBERS.matcher(text);
    if (!numbers.find()) {
      return Optional.empty();
    }
    String patch = Optional.ofNullable(numbers.group(3)).orElse("0");
    return Optional.of(
        new Version(
            Integer.parseInt(numbers.group(1)),
            Integer.parseInt(numbers.group(2)),
            Integer.parseInt(patch)));
  }

  boolean isBefore(Version other) {
    return ORDER.compare(this, other) < 0;
  }

  @Override
  public String toString() {
    return major + "." + minor + (patch == 0 ? "" : "." + patch);
  }
}
