package dev.fuselage.cli;

import dev.fuselage.snapshot.Call;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description =
        "Checks a backup: restores it to a temporary place in the root, and reads all of it there.",
    footer = {"", "Examples:", "  fuselage backup verify 12"})
final class BackupVerifyCommand implements Runnable {
  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  @Parameters(paramLabel = "ID", description = "The backup's id, as backup ls shows it.")
  private int id;

  BackupVerifyCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(
        administration -> {
          long snapshots;
          try (ProgressLine line = new ProgressLine(options.terminal())) {
            snapshots = administration.storeCare().verify(id, Call.PATIENT, line::show);
          }
          switch (format.value()) {
            case TEXT ->
                options
                    .terminal()
                    .out()
                    .println("backup %d is whole: %d snapshots".formatted(id, snapshots));
            case JSON ->
                Document.writeJson(
                    Map.of("id", id, "snapshots", snapshots), options.terminal().out());
          }
        });
  }
}
