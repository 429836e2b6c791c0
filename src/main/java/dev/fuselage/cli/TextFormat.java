package dev.fuselage.cli;

import java.util.Locale;

/** For a person, or for a program. */
enum TextFormat {
  TEXT,
  JSON;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
