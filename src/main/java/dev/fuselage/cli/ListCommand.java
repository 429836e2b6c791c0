package dev.fuselage.cli;

import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "ls",
    description = {
      "Lists the snapshots in the order of their keys.",
      "On a terminal the table is cut to its width; elsewhere nothing is cut, and one tab stands"
          + " between columns."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage ls --kind active,view",
      "  fuselage ls --filter 'parent==\"\"'",
      "  fuselage ls --filter 'labels.\"containerd.io/snapshot.ref\"' -o wide",
      "  fuselage ls --no-headers | cut -f2",
      "  fuselage ls -o json | jq -r '.[].key'"
    })
final class ListCommand implements Runnable {
  /** What the list looks like. */
  enum Format {
    TABLE,
    WIDE,
    JSON,
    YAML;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String NONE = "-";
  private static final List<Column> COLUMNS =
      List.of(
          new Column("KIND", Layout.LEFT),
          new Column("KEY", Layout.CUT),
          new Column("PARENT", Layout.CUT),
          new Column("AGE", Layout.LEFT));
  private static final List<Column> WIDE_COLUMNS =
      List.of(
          new Column("KIND", Layout.LEFT),
          new Column("KEY", Layout.LEFT),
          new Column("PARENT", Layout.LEFT),
          new Column("AGE", Layout.LEFT),
          new Column("SIZE", Layout.RIGHT),
          new Column("INODES", Layout.RIGHT),
          new Column("CREATED", Layout.LEFT),
          new Column("UPDATED", Layout.LEFT),
          new Column("LABELS", Layout.LEFT));

  private final GlobalOptions options;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description =
          "${COMPLETION-CANDIDATES} (default: table). wide adds sizes, times and labels, and is"
              + " never cut.")
  private Format format = Format.TABLE;

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Only what this containerd filter matches, on kind, name, parent or labels.KEY; may be"
              + " repeated, and one match is enough.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      split = ",",
      description = "Only active, view or committed snapshots; may be repeated.")
  private List<Kind> kinds = new ArrayList<>();

  @Option(names = "--no-headers", description = "Leave out the line of headings.")
  private boolean noHeaders;

  @Option(names = "--bytes", description = "Show sizes in bytes.")
  private boolean bytes;

  ListCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.callService(this::print);
  }

  private void print(Snapshotter snapshotter) {
    List<Info> infos =
        Snapshots.list(snapshotter, filters).stream()
            .filter(info -> kinds.isEmpty() || kinds.contains(info.kind()))
            .toList();
    Terminal terminal = options.terminal();
    switch (format) {
      case TABLE -> table(infos).print(terminal, !noHeaders);
      case WIDE ->
          wideTable(infos, Snapshots.usages(snapshotter, infos)).print(terminal, !noHeaders);
      case JSON -> Document.writeJson(infos.stream().map(Document::of).toList(), terminal.out());
      case YAML -> Document.writeYaml(infos.stream().map(Document::of).toList(), terminal.out());
    }
  }

  private Table table(List<Info> infos) {
    Table table = new Table(COLUMNS);
    Instant now = options.surroundings().clock().instant();
    infos.forEach(info -> table.add(cells(info, now)));
    return table;
  }

  private Table wideTable(List<Info> infos, Map<String, Usage> usages) {
    Table table = new Table(WIDE_COLUMNS);
    Instant now = options.surroundings().clock().instant();
    for (Info info : infos) {
      Optional.ofNullable(usages.get(info.name()))
          .ifPresent(usage -> table.add(wideCells(info, usage, now)));
    }
    return table;
  }

  private List<String> cells(Info info, Instant now) {
    return List.of(
        info.kind().label(),
        options.terminal().visible(info.name()),
        orNone(options.terminal().visible(info.parent())),
        Quantities.age(Duration.between(info.created(), now)));
  }

  private List<String> wideCells(Info info, Usage usage, Instant now) {
    List<String> cells = new ArrayList<>(cells(info, now));
    cells.add(Quantities.size(usage.bytes(), bytes));
    cells.add(Long.toString(usage.inodes()));
    cells.add(info.created().toString());
    cells.add(info.updated().toString());
    cells.add(orNone(options.terminal().visible(joined(info.labels()))));
    return cells;
  }

  private static String joined(Labels labels) {
    return new TreeMap<>(labels.asMap())
        .entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .collect(Collectors.joining(","));
  }

  private static String orNone(String cell) {
    return cell.isEmpty() ? NONE : cell;
  }
}
