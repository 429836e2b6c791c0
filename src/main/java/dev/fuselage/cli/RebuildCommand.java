package dev.fuselage.cli;

import dev.fuselage.cleanup.Rebuild;
import dev.fuselage.cleanup.StoppedRoot;
import dev.fuselage.overlay.RootException;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "rebuild",
    description = {
      "Makes the metadata store again from what lies beside the layers, when the store is damaged or"
          + " gone.",
      "For a root that no service has. The store of before is moved aside, never deleted. It may be"
          + " interrupted, and run again."
    },
    footer = {"", "Examples:", "  fuselage rebuild", "  fuselage rebuild --root /data/fuselage"})
final class RebuildCommand implements Runnable {
  private final GlobalOptions options;

  @Option(
      names = "--root",
      paramLabel = "PATH",
      description =
          "The directory that is served (default: the environment's FUSELAGE_ROOT, or "
              + GlobalOptions.DEFAULT_ROOT
              + ").")
  private Optional<Path> root = Optional.empty();

  @Option(names = "--json", description = "Write a JSON object.")
  private boolean json;

  RebuildCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    Rebuild.Report report = rebuild();
    if (json) {
      Document.writeJson(document(report), options.terminal().out());
    } else {
      for (String sentence : report.sentences()) {
        options.terminal().out().println(options.terminal().visible(sentence));
      }
    }
    if (!report.isWhole()) {
      throw new CommandException(
          ExitCode.IN_PART,
          "%d snapshots were brought back in quarantine, %d directories were not brought back."
              .formatted(report.doubtful().size(), report.refused().size()));
    }
  }

  private Rebuild.Report rebuild() {
    Path directory =
        root.orElseGet(
            () ->
                Path.of(
                    options.surroundings().variable("FUSELAGE_ROOT", GlobalOptions.DEFAULT_ROOT)));
    try {
      return StoppedRoot.rebuild(directory.toAbsolutePath().normalize());
    } catch (RootException e) {
      throw new CommandException(
          switch (e.reason()) {
            case IN_USE -> ExitCode.ROOT_LOCKED;
            case FOREIGN -> ExitCode.BAD_CONFIGURATION;
            case UNUSABLE -> ExitCode.FAILED;
          },
          String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED, "The store was not rebuilt, nothing was changed: " + e.getMessage());
    }
  }

  private static Map<String, Object> document(Rebuild.Report report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("committed", report.committed());
    document.put("active", report.active());
    document.put("views", report.views());
    document.put("doubtful", byId(report.doubtful()));
    document.put("refused", byId(report.refused()));
    document.put("gone", report.gone());
    document.put("aside", report.aside().map(Path::toString).orElse(""));
    return document;
  }

  private static Map<String, String> byId(Map<SnapshotId, String> reasons) {
    Map<String, String> byId = new LinkedHashMap<>();
    reasons.forEach((id, reason) -> byId.put(id.toString(), reason));
    return byId;
  }
}
