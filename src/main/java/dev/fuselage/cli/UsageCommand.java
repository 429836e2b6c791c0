package dev.fuselage.cli;

import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "usage",
    description = {
      "Shows the disk that one snapshot takes by itself, without the layers below it.",
      "An active one is measured now, a committed one was when it was committed, a view takes"
          + " nothing."
    },
    footer = {"", "Examples:", "  fuselage usage KEY", "  fuselage usage -o json KEY | jq .bytes"})
final class UsageCommand implements Runnable {
  private static final List<Column> COLUMNS =
      List.of(new Column("SIZE", Layout.RIGHT), new Column("INODES", Layout.RIGHT));

  private final GlobalOptions options;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: text).")
  private TextFormat format = TextFormat.TEXT;

  @Option(names = "--bytes", description = "Show the size in bytes.")
  private boolean bytes;

  @Parameters(paramLabel = "KEY", description = "The snapshot's key or name, as ls shows it.")
  private String key = "";

  UsageCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.callService(this::print);
  }

  private void print(Snapshotter snapshotter) {
    Usage usage = snapshotter.usage(Call.PATIENT, key);
    switch (format) {
      case TEXT -> {
        Table table = new Table(COLUMNS);
        table.add(List.of(Quantities.size(usage.bytes(), bytes), Long.toString(usage.inodes())));
        table.print(options.terminal(), true);
      }
      case JSON -> Document.writeJson(Document.of(usage), options.terminal().out());
    }
  }
}
