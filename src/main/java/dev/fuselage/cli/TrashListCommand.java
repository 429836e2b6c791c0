package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Trash;
import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "ls",
    description = {
      "Lists what was removed and is not deleted yet, oldest first.",
      "SIZE and ENTRIES are known of layers alone. RETRY is when a tree that could not be deleted is"
          + " tried again, and REASON why it could not."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage trash ls",
      "  fuselage trash ls --json | jq '.[] | select(.backOff)'"
    })
final class TrashListCommand implements Runnable {
  private static final String NONE = "-";
  private static final List<Column> COLUMNS =
      List.of(
          new Column("ID", Layout.LEFT),
          new Column("AGE", Layout.LEFT),
          new Column("SIZE", Layout.RIGHT),
          new Column("ENTRIES", Layout.RIGHT),
          new Column("RETRY", Layout.LEFT),
          new Column("REASON", Layout.CUT));

  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  @Option(names = "--bytes", description = "Show sizes in bytes.")
  private boolean bytes;

  TrashListCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(this::print);
  }

  private void print(Administration administration) {
    List<Trash.Tree> trees = administration.trash().list();
    switch (format.value()) {
      case TEXT -> table(trees).print(options.terminal(), true);
      case JSON ->
          Document.writeJson(
              trees.stream().map(TrashListCommand::document).toList(), options.terminal().out());
    }
  }

  private Table table(List<Trash.Tree> trees) {
    Table table = new Table(COLUMNS);
    Instant now = options.surroundings().clock().instant();
    for (Trash.Tree tree : trees) {
      table.add(
          List.of(
              options.terminal().visible(tree.name()),
              Quantities.age(Duration.between(tree.since(), now)),
              tree.usage().map(usage -> Quantities.size(usage.bytes(), bytes)).orElse(NONE),
              tree.usage().map(usage -> Long.toString(usage.inodes())).orElse(NONE),
              tree.backOff()
                  .map(backOff -> Quantities.age(Duration.between(now, backOff.nextAttempt())))
                  .orElse(NONE),
              tree.backOff()
                  .map(backOff -> options.terminal().visible(backOff.reason()))
                  .orElse(NONE)));
    }
    return table;
  }

  private static Map<String, Object> document(Trash.Tree tree) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", tree.name());
    document.put("since", tree.since().toString());
    tree.usage().ifPresent(usage -> document.put("usage", Document.of(usage)));
    tree.backOff().ifPresent(backOff -> document.put("backOff", document(backOff)));
    return document;
  }

  private static Map<String, Object> document(Trash.BackOff backOff) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("reason", backOff.reason());
    document.put("attempts", backOff.attempts());
    document.put("nextAttempt", backOff.nextAttempt().toString());
    return document;
  }
}
