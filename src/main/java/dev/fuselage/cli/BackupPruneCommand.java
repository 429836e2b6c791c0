package dev.fuselage.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "prune",
    description =
        "Deletes the backups that are too many or too old for the configuration, never the"
            + " youngest.",
    footer = {"", "Examples:", "  fuselage backup prune"})
final class BackupPruneCommand implements Runnable {
  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  BackupPruneCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(
        administration -> {
          List<Integer> deleted = administration.storeCare().prune();
          switch (format.value()) {
            case TEXT ->
                options
                    .terminal()
                    .out()
                    .println(
                        deleted.isEmpty()
                            ? "nothing to delete"
                            : deleted.stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", ", "deleted: ", "")));
            case JSON -> Document.writeJson(deleted, options.terminal().out());
          }
        });
  }
}
