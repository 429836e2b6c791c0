package dev.fuselage.cli;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import dev.fuselage.snapshot.Usage;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Who holds the disk, in rows from the largest to the smallest. */
final class OwnerTable {
  private static final String NONE = "-";

  /** What a row stands for. */
  enum By {
    POD,
    IMAGE,
    OWNER,
    SNAPSHOT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Its columns as a program names them; all rows have the same. */
  private final List<Map<String, Object>> rows;

  private OwnerTable(List<Map<String, Object>> rows) {
    this.rows = rows;
  }

  static OwnerTable of(Report report, By by) {
    return new OwnerTable(
        switch (by) {
          case POD -> named(report, List.of(OwnerKind.POD, OwnerKind.CONTAINER));
          case IMAGE -> named(report, List.of(OwnerKind.IMAGE));
          case OWNER -> kinds(report);
          case SNAPSHOT -> snapshots(report);
        });
  }

  private static List<Map<String, Object>> named(Report report, List<OwnerKind> kinds) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Holding holding : report.holdings()) {
      if (kinds.contains(holding.owner().kind())) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("kind", holding.owner().kind().label());
        row.put("namespace", holding.owner().namespace());
        row.put("name", holding.owner().name());
        row.put("snapshots", holding.entries());
        put(row, holding.usage());
        if (kinds.contains(OwnerKind.IMAGE)) {
          row.put("sharedBytes", holding.shared().bytes());
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static List<Map<String, Object>> kinds(Report report) {
    Map<OwnerKind, Usage> usages = new EnumMap<>(OwnerKind.class);
    Map<OwnerKind, Long> entries = new EnumMap<>(OwnerKind.class);
    for (Holding holding : report.holdings()) {
      usages.merge(holding.owner().kind(), holding.usage(), Usage::plus);
      entries.merge(holding.owner().kind(), holding.entries(), Long::sum);
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    usages.entrySet().stream()
        .sorted((one, other) -> Long.compare(other.getValue().bytes(), one.getValue().bytes()))
        .forEach(
            usage -> {
              Map<String, Object> row = new LinkedHashMap<>();
              row.put("kind", usage.getKey().label());
              row.put("entries", entries.getOrDefault(usage.getKey(), 0L));
              put(row, usage.getValue());
              rows.add(row);
            });
    return rows;
  }

  private static List<Map<String, Object>> snapshots(Report report) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (SnapshotRow snapshot : report.snapshots()) {
      rows.add(
          snapshot(
              snapshot.kind().label(),
              snapshot.owner().kind().label(),
              snapshot.owner().namespace(),
              snapshot.owner().name(),
              snapshot.key(),
              snapshot.usage()));
    }
    if (report.others().count() > 0) {
      String key = "(" + report.others().count() + " others)";
      rows.add(snapshot("", "", "", "", key, report.others().usage()));
    }
    return rows;
  }

  private static Map<String, Object> snapshot(
      String kind, String owner, String namespace, String name, String key, Usage usage) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", kind);
    row.put("owner", owner);
    row.put("namespace", namespace);
    row.put("name", name);
    row.put("key", key);
    put(row, usage);
    return row;
  }

  private static void put(Map<String, Object> row, Usage usage) {
    row.put("bytes", usage.bytes());
    row.put("inodes", usage.inodes());
  }

  List<Map<String, Object>> documents() {
    return rows;
  }

  OwnerTable first(int most) {
    return new OwnerTable(rows.subList(0, Math.min(most, rows.size())));
  }

  Table table(Terminal terminal, boolean exact) {
    List<Column> columns = new ArrayList<>();
    if (!rows.isEmpty()) {
      rows.getFirst()
          .forEach(
              (name, value) ->
                  columns.add(new Column(heading(name), layout(name, value instanceof Number))));
    }
    Table table = new Table(columns);
    for (Map<String, Object> row : rows) {
      table.add(
          row.entrySet().stream()
              .map(cell -> cell(cell.getKey(), cell.getValue(), terminal, exact))
              .collect(Collectors.toList()));
    }
    return table;
  }

  private static String heading(String name) {
    return switch (name) {
      case "bytes" -> "SIZE";
      case "sharedBytes" -> "SHARED";
      default -> name.toUpperCase(Locale.ROOT);
    };
  }

  private static Layout layout(String name, boolean number) {
    if (number) {
      return Layout.RIGHT;
    }
    return name.equals("name") || name.equals("key") ? Layout.CUT : Layout.LEFT;
  }

  private static String cell(String name, Object value, Terminal terminal, boolean exact) {
    if (value instanceof Long number) {
      return name.endsWith("ytes") ? Quantities.size(number, exact) : number.toString();
    }
    String text = terminal.visible(value.toString());
    return text.isEmpty() ? NONE : text;
  }
}
