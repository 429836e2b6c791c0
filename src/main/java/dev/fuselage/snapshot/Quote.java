package dev.fuselage.snapshot;

/** Texts of clients in our own messages. */
public final class Quote {
  private static final int MOST_CHARACTERS = 64;

  private Quote() {}

  /** Enough of a text to recognise it by, in quotes: a key may be long, and a status may not. */
  public static String of(String text) {
    return '"'
        + (text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…")
        + '"';
  }
}
