package dev.fuselage.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "release",
    description = {
      "Lets a snapshot be used again, for who knows that it is whole.",
      "A check that still finds the damage puts it back."
    },
    footer = {"", "Example:", "  fuselage quarantine release sha256:5f70bf18a086…"})
final class QuarantineReleaseCommand implements Runnable {
  private final GlobalOptions options;

  @Parameters(
      paramLabel = "KEY",
      description =
          "The snapshot's key or name, as quarantine ls shows it; the id of what is no snapshot.")
  private String key = "";

  QuarantineReleaseCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(administration -> administration.quarantine().release(key));
  }
}
