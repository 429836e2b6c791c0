package dev.fuselage.cli;

import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Snapshotter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "tree",
    description = {
      "Shows which layer stands on which, and what each takes.",
      "SIZE is a snapshot's own, TOTAL that of all layers below it as well. A snapshot right below"
          + " another one, in the same column, is its only child."
    },
    footer = {
      "",
      "Marks: o committed, * active, = view; on a screen with UTF-8 ○, ● and ◌.",
      "",
      "Examples:",
      "  fuselage tree",
      "  fuselage tree --bytes | sort -k2n",
      "  fuselage tree -o json | jq 'map(.own.bytes) | add'"
    })
final class TreeCommand implements Runnable {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("KIND", Layout.LEFT),
          new Column("SIZE", Layout.RIGHT),
          new Column("TOTAL", Layout.RIGHT),
          new Column("SNAPSHOT", Layout.CUT));

  private final GlobalOptions options;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "${COMPLETION-CANDIDATES} (default: text). json is a flat array, parents before their"
              + " children.")
  private TextFormat format = TextFormat.TEXT;

  @Option(names = "--bytes", description = "Show sizes in bytes.")
  private boolean bytes;

  TreeCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.callService(this::print);
  }

  private void print(Snapshotter snapshotter) {
    List<Info> infos = Snapshots.list(snapshotter, List.of());
    List<LayerTree.Row> rows = LayerTree.rows(infos, Snapshots.usages(snapshotter, infos));
    Terminal terminal = options.terminal();
    switch (format) {
      case TEXT -> table(rows).print(terminal, true);
      case JSON ->
          Document.writeJson(rows.stream().map(TreeCommand::document).toList(), terminal.out());
    }
  }

  private Table table(List<LayerTree.Row> rows) {
    Terminal terminal = options.terminal();
    TreeLines lines = new TreeLines(terminal.isScreen() && terminal.unicode());
    Table table = new Table(COLUMNS);
    for (LayerTree.Row row : rows) {
      table.add(
          List.of(
              row.info().kind().label(),
              Quantities.size(row.own().bytes(), bytes),
              Quantities.size(row.total().bytes(), bytes),
              lines.before(row) + terminal.visible(row.info().name())));
    }
    return table;
  }

  private static Map<String, Object> document(LayerTree.Row row) {
    Map<String, Object> document = Document.of(row.info());
    document.put("depth", row.depth());
    document.put("own", Document.of(row.own()));
    document.put("total", Document.of(row.total()));
    return document;
  }
}
