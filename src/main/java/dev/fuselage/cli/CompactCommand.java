package dev.fuselage.cli;

import picocli.CommandLine.Command;

@Command(
    name = "compact",
    description = "Has the metadata store give back the space of what was deleted.",
    footer = {"", "Examples:", "  fuselage compact"})
final class CompactCommand implements Runnable {
  private final GlobalOptions options;

  CompactCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(
        administration -> {
          try (ProgressLine line = new ProgressLine(options.terminal())) {
            line.show("writing the tables anew");
            administration.storeCare().compact();
          }
        });
  }
}
