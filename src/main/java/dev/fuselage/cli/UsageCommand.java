package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "usage",
    description = {
      "Shows the disk that one snapshot takes by itself, without the layers below it; or with --by"
          + " who holds the whole root.",
      "An active one was measured some seconds ago at most, a committed one when it was committed, a"
          + " view takes nothing. With --by directories and scratch space count, too, and all rows"
          + " together are what du says of the root."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage usage KEY",
      "  fuselage usage --by pod",
      "  fuselage usage --by owner -o json | jq '.[] | select(.kind == \"unclaimed\")'"
    })
final class UsageCommand implements Runnable {
  private static final List<Column> COLUMNS =
      List.of(new Column("SIZE", Layout.RIGHT), new Column("INODES", Layout.RIGHT));

  /** What it looks like; table is the same as text. */
  enum Format {
    TEXT,
    TABLE,
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final GlobalOptions options;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: text).")
  private Format format = Format.TEXT;

  @Option(names = "--bytes", description = "Show the size in bytes.")
  private boolean bytes;

  @Parameters(
      paramLabel = "KEY",
      arity = "0..1",
      description = "The snapshot's key or name, as ls shows it.")
  private Optional<String> key = Optional.empty();

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      description =
          "Who holds the root: ${COMPLETION-CANDIDATES}. owner sums by the kind of owner, snapshot"
              + " names the largest ones.")
  private Optional<OwnerTable.By> by = Optional.empty();

  UsageCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    if (key.isPresent() == by.isPresent()) {
      throw new CommandException(
          ExitCode.USAGE, "Name one snapshot, or say with --by who is to be shown.");
    }
    by.ifPresent(what -> options.administer(administration -> print(administration, what)));
    key.ifPresent(one -> options.callService(snapshotter -> print(snapshotter, one)));
  }

  private void print(Administration administration, OwnerTable.By by) {
    OwnerTable rows = OwnerTable.of(administration.owners().report(Call.PATIENT), by);
    switch (format) {
      case TEXT, TABLE -> rows.table(options.terminal(), bytes).print(options.terminal(), true);
      case JSON -> Document.writeJson(rows.documents(), options.terminal().out());
    }
  }

  private void print(Snapshotter snapshotter, String one) {
    Usage usage = snapshotter.usage(Call.PATIENT, one);
    switch (format) {
      case TEXT, TABLE -> {
        Table table = new Table(COLUMNS);
        table.add(List.of(Quantities.size(usage.bytes(), bytes), Long.toString(usage.inodes())));
        table.print(options.terminal(), true);
      }
      case JSON -> Document.writeJson(Document.of(usage), options.terminal().out());
    }
  }
}
