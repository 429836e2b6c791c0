package dev.fuselage.cli;

import dev.fuselage.admin.StoreCare.Backup;
import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "ls",
    description = "Lists the backups of the metadata store, oldest first.",
    footer = {"", "Examples:", "  fuselage backup ls", "  fuselage backup ls --json | jq '.[].id'"})
final class BackupListCommand implements Runnable {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("ID", Layout.RIGHT),
          new Column("MADE", Layout.LEFT),
          new Column("SIZE", Layout.RIGHT),
          new Column("REASON", Layout.LEFT));

  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  BackupListCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(
        administration -> {
          List<Backup> backups = administration.storeCare().backups();
          switch (format.value()) {
            case TEXT -> table(options, backups);
            case JSON ->
                Document.writeJson(
                    backups.stream().map(BackupListCommand::document).toList(),
                    options.terminal().out());
          }
        });
  }

  static void table(GlobalOptions options, List<Backup> backups) {
    Table table = new Table(COLUMNS);
    backups.forEach(
        backup ->
            table.add(
                List.of(
                    Integer.toString(backup.id()),
                    backup.made().toString(),
                    Quantities.size(backup.bytes(), false),
                    options.terminal().visible(backup.reason()))));
    table.print(options.terminal(), true);
  }

  static Map<String, Object> document(Backup backup) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", backup.id());
    document.put("made", backup.made().toString());
    document.put("bytes", backup.bytes());
    document.put("reason", backup.reason());
    return document;
  }
}
