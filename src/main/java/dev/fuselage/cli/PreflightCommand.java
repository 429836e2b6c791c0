package dev.fuselage.cli;

import dev.fuselage.overlay.DriverChoice;
import dev.fuselage.overlay.Finding;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "preflight",
    description = {
      "Looks whether this machine can serve, as `fuselage serve` does at its start, and leaves"
          + " nothing behind.",
      "Run it as the user that is to serve, where that is to run. Each finding is one line with"
          + " its remedy."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage preflight",
      "  fuselage preflight --root /data/fuselage --driver fuse-overlayfs",
      "  fuselage preflight --json | jq -r '.[] | select(.level == \"fatal\").remedy'"
    })
final class PreflightCommand implements Runnable {
  private final GlobalOptions options;

  @Option(
      names = "--root",
      paramLabel = "PATH",
      description =
          "The directory to serve from (default: the environment's FUSELAGE_ROOT, or "
              + GlobalOptions.DEFAULT_ROOT
              + ").")
  private Optional<Path> root = Optional.empty();

  @Option(
      names = "--driver",
      paramLabel = "DRIVER",
      description =
          "auto, fuse-overlayfs or overlayfs (default: the environment's FUSELAGE_DRIVER, or"
              + " auto).")
  private Optional<String> driver = Optional.empty();

  @Option(names = "--json", description = "Write a JSON array.")
  private boolean json;

  PreflightCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    Surroundings surroundings = options.surroundings();
    Path directory =
        root.orElseGet(
            () -> Path.of(surroundings.variable("FUSELAGE_ROOT", GlobalOptions.DEFAULT_ROOT)));
    List<Finding> findings =
        surroundings.examination().run(directory, options.socket(), driverChoice());
    if (json) {
      Document.writeJson(
          findings.stream().map(PreflightCommand::document).toList(), options.terminal().out());
    } else {
      findings.forEach(finding -> options.terminal().out().println(line(finding)));
    }
    long fatal = findings.stream().filter(PreflightCommand::isFatal).count();
    if (fatal > 0) {
      throw new CommandException(
          ExitCode.PREFLIGHT_FAILED,
          "This machine can't serve as it is: %d of %d findings are fatal."
              .formatted(fatal, findings.size()));
    }
  }

  private DriverChoice driverChoice() {
    String label =
        driver.orElseGet(
            () -> options.surroundings().variable("FUSELAGE_DRIVER", DriverChoice.AUTO.label()));
    return DriverChoice.parse(label)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    String.format(
                        "There is no driver %s; say auto, fuse-overlayfs or overlayfs by --driver"
                            + " or FUSELAGE_DRIVER.",
                        label)));
  }

  private String line(Finding finding) {
    Terminal terminal = options.terminal();
    String line = terminal.unicode() ? finding.line() : finding.line().replace('—', '-');
    return terminal.visible(line);
  }

  private static boolean isFatal(Finding finding) {
    return finding.level() == Finding.Level.FATAL;
  }

  private static Map<String, Object> document(Finding finding) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("check", finding.check());
    document.put("level", finding.level().name().toLowerCase(Locale.ROOT));
    document.put("detail", finding.detail());
    document.put("remedy", finding.remedy());
    return document;
  }
}
