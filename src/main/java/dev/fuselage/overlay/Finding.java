package dev.fuselage.overlay;

import java.util.Locale;

/**
 * What one check of the {@link Preflight} found.
 *
 * @param check what was looked at, such as {@code mount.fuse3}
 * @param detail what was seen, without a line break
 * @param remedy what to do about it; empty where there is nothing to do
 */
public record Finding(String check, Level level, String detail, String remedy) {
  /** How bad it is. */
  public enum Level {
    OK,
    /** Service is possible, with the loss that the detail names. */
    WARN,
    /** Service is impossible. */
    FATAL,
    /** It cannot be seen from here, or looking at it failed. */
    UNKNOWN
  }

  public Finding {
    detail = onOneLine(detail);
    remedy = onOneLine(remedy);
  }

  static Finding ok(String check, String detail) {
    return new Finding(check, Level.OK, detail, "");
  }

  static Finding warn(String check, String detail, String remedy) {
    return new Finding(check, Level.WARN, detail, remedy);
  }

  static Finding fatal(String check, String detail, String remedy) {
    return new Finding(check, Level.FATAL, detail, remedy);
  }

  static Finding unknown(String check, String detail, String remedy) {
    return new Finding(check, Level.UNKNOWN, detail, remedy);
  }

  /** The finding and its remedy on one line: {@code FATAL mount.fuse3: not found — install …}. */
  public String line() {
    String line = level.name().toUpperCase(Locale.ROOT) + " " + check + ": " + detail;
    return remedy.isEmpty() ? line : line + " — " + remedy;
  }

  @Override
  public String toString() {
    return line();
  }

  private static String onOneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
