package dev.fuselage.cli;

import picocli.CommandLine.Command;

@Command(
    name = "version",
    description = "Shows the versions of Fuselage, of the API it serves, and of Java.",
    footer = {"", "Example:", "  fuselage version"})
final class VersionCommand implements Runnable {
  private final GlobalOptions options;

  VersionCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    for (String line : new Version().getVersion()) {
      options.terminal().out().println(line);
    }
  }
}
