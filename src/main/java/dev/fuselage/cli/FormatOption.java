package dev.fuselage.cli;

import picocli.CommandLine.Option;

/** For a person or for a program, as an option of commands that know no other formats. */
final class FormatOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: text).")
  private TextFormat format = TextFormat.TEXT;

  @Option(names = "--json", description = "The same as -o json.")
  private boolean json;

  TextFormat value() {
    return json ? TextFormat.JSON : format;
  }
}
