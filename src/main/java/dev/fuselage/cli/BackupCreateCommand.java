package dev.fuselage.cli;

import dev.fuselage.admin.StoreCare.Backup;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "create",
    description = "Makes a backup of the metadata store, while calls are served.",
    footer = {
      "",
      "Examples:",
      "  fuselage backup create",
      "  fuselage backup create --json | jq .id"
    })
final class BackupCreateCommand implements Runnable {
  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  BackupCreateCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(
        administration -> {
          Backup made;
          try (ProgressLine line = new ProgressLine(options.terminal())) {
            line.show("copying the store");
            made = administration.storeCare().backUp();
          }
          switch (format.value()) {
            case TEXT -> BackupListCommand.table(options, List.of(made));
            case JSON ->
                Document.writeJson(BackupListCommand.document(made), options.terminal().out());
          }
        });
  }
}
