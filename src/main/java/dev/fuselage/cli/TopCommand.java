package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Report;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "top",
    description = {
      "Shows who holds the disk: free space, the kinds of owners, and the largest pods and images.",
      "On a terminal it is drawn anew every few seconds until Ctrl-C; elsewhere once."
    },
    footer = {"", "Examples:", "  fuselage top", "  fuselage top --interval 2s --rows 20"})
final class TopCommand implements Runnable {
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final GlobalOptions options;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      converter = TimeoutConverter.class,
      defaultValue = "5s",
      description = "How often it is drawn, as 2s or 1m (default: 5s).")
  private Duration interval = Duration.ofSeconds(5);

  @Option(
      names = "--rows",
      paramLabel = "NUMBER",
      converter = CountConverter.class,
      defaultValue = "10",
      description = "How many pods and images are shown of each (default: 10).")
  private int rows = 10;

  @Option(names = "--bytes", description = "Show sizes in bytes.")
  private boolean bytes;

  TopCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(this::show);
  }

  private void show(Administration administration) {
    Terminal terminal = options.terminal();
    do {
      Report report = administration.owners().report(Call.PATIENT);
      if (terminal.isScreen()) {
        terminal.out().print(CLEAR);
      }
      print(report, terminal);
      terminal.out().flush();
    } while (terminal.isScreen() && paused());
  }

  private void print(Report report, Terminal terminal) {
    Report.FileSystem disk = report.fileSystem();
    terminal
        .out()
        .printf(
            "%s of %s free, %s held here, measured %s ago%s%n%s%n",
            Quantities.size(disk.freeBytes(), bytes),
            Quantities.size(disk.totalBytes(), bytes),
            Quantities.size(report.total().bytes(), bytes),
            Quantities.age(
                Duration.between(report.made(), options.surroundings().clock().instant())),
            report.live() ? "" : "; containerd does not tell who needs what",
            gaps(report.gaps()));
    section(report, OwnerTable.By.OWNER, Integer.MAX_VALUE, terminal);
    section(report, OwnerTable.By.POD, rows, terminal);
    section(report, OwnerTable.By.IMAGE, rows, terminal);
  }

  private static String gaps(Report.Gaps gaps) {
    String unmeasured =
        gaps.unmeasured() == 0
            ? ""
            : "snapshots that are not measured yet, and count as nothing: %d%n"
                .formatted(gaps.unmeasured());
    return gaps.unreadable() == 0
        ? unmeasured
        : unmeasured
            + "trees that can't be read, and count as what was last seen, as the service's log says: %d%n"
                .formatted(gaps.unreadable());
  }

  private void section(Report report, OwnerTable.By by, int most, Terminal terminal) {
    OwnerTable table = OwnerTable.of(report, by).first(most);
    if (!table.documents().isEmpty()) {
      table.table(terminal, bytes).print(terminal, true);
      terminal.out().println();
    }
  }

  private boolean paused() {
    try {
      TimeUnit.NANOSECONDS.sleep(interval.toNanos());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SnapshotException(SnapshotException.Code.CANCELLED, "interrupted", e);
    }
  }
}
