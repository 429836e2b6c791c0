package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.cli.Table.Column;
import dev.fuselage.cli.Table.Layout;
import dev.fuselage.snapshot.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "unclaimed",
    description = {
      "Lists the snapshots that no container, image or lease of containerd has needed for long,"
          + " largest first, each with the command that frees it through containerd.",
      "FOR is since when the service has seen it so. What others stand on is freed after them; what"
          + " containerd does not know itself, by its garbage collector."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage unclaimed",
      "  fuselage unclaimed -o json | jq -r '.[].command // empty'"
    })
final class UnclaimedCommand implements Runnable {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("SIZE", Layout.RIGHT),
          new Column("AGE", Layout.LEFT),
          new Column("FOR", Layout.LEFT),
          new Column("KEY", Layout.CUT),
          new Column("COMMAND", Layout.LEFT));

  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  @Option(names = "--bytes", description = "Show sizes in bytes.")
  private boolean bytes;

  UnclaimedCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(this::print);
  }

  private void print(Administration administration) {
    Report report = administration.owners().report(Call.PATIENT);
    if (!report.live()) {
      throw new CommandException(
          ExitCode.UNAVAILABLE,
          "containerd is not asked or does not answer, so nothing is known to be unclaimed: is"
              + " fuselage.containerd.socket set?");
    }
    switch (format.value()) {
      case TEXT -> table(report).print(options.terminal(), true);
      case JSON ->
          Document.writeJson(
              report.unclaimed().stream().map(UnclaimedCommand::document).toList(),
              options.terminal().out());
    }
  }

  private Table table(Report report) {
    Table table = new Table(COLUMNS);
    Instant now = options.surroundings().clock().instant();
    for (Unclaimed unclaimed : report.unclaimed()) {
      String command = unclaimed.command().orElse(reason(unclaimed));
      table.add(
          List.of(
              Quantities.size(unclaimed.snapshot().usage().bytes(), bytes),
              Quantities.age(Duration.between(unclaimed.snapshot().created(), now)),
              Quantities.age(Duration.between(unclaimed.since(), now)),
              options.terminal().visible(unclaimed.snapshot().key()),
              options.terminal().visibleCommand(command)));
    }
    return table;
  }

  private static String reason(Unclaimed unclaimed) {
    return unclaimed.children() > 0
        ? "after what stands on it"
        : "unknown: containerd did not say whether it knows it";
  }

  private static Map<String, Object> document(Unclaimed unclaimed) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("key", unclaimed.snapshot().key());
    document.put("kind", unclaimed.snapshot().kind().label());
    document.putAll(Document.of(unclaimed.snapshot().usage()));
    document.put("created", unclaimed.snapshot().created().toString());
    document.put("since", unclaimed.since().toString());
    document.put("children", unclaimed.children());
    unclaimed.known().ifPresent(known -> document.put("known", known));
    unclaimed.command().ifPresent(command -> document.put("command", command));
    return document;
  }
}
