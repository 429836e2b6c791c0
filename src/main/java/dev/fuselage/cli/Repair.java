package dev.fuselage.cli;

import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.overlay.RootException;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** How a store is made again: on the root itself, or by the service that has it. */
final class Repair {
  @Option(
      names = "--root",
      paramLabel = "PATH",
      description =
          "The directory that is served (default: the environment's FUSELAGE_ROOT, or "
              + GlobalOptions.DEFAULT_ROOT
              + ").")
  private Optional<Path> root = Optional.empty();

  /** On a root that no service has. */
  @FunctionalInterface
  interface OnStoppedRoot {
    RebuildReport run(Path root, StoreWork work) throws RootException, IOException;
  }

  /** By the service that has the root. */
  @FunctionalInterface
  interface ByService {
    RebuildReport run(StoreCare care, Path root, Call call, Consumer<StoreCare.Progress> progress);
  }

  void run(GlobalOptions options, TextFormat format, OnStoppedRoot stopped, ByService served) {
    RebuildReport report = report(options, stopped, served);
    switch (format) {
      case TEXT ->
          report
              .sentences()
              .forEach(
                  sentence ->
                      options.terminal().out().println(options.terminal().visible(sentence)));
      case JSON -> Document.writeJson(document(report), options.terminal().out());
    }
    if (!report.isWhole()) {
      throw new CommandException(
          ExitCode.IN_PART,
          "%d snapshots were brought back in quarantine, %d directories were not brought back."
              .formatted(report.doubtful().size(), report.refused().size()));
    }
  }

  private RebuildReport report(GlobalOptions options, OnStoppedRoot stopped, ByService served) {
    Path path = path(options);
    try (ProgressLine line = new ProgressLine(options.terminal())) {
      return report(options, path, stopped, served, line);
    }
  }

  private static RebuildReport report(
      GlobalOptions options,
      Path path,
      OnStoppedRoot stopped,
      ByService served,
      ProgressLine line) {
    try {
      return stopped.run(path, new StoreWork(Call.PATIENT, line::show));
    } catch (RootException e) {
      return switch (e.reason()) {
        case IN_USE -> byService(options, care -> served.run(care, path, Call.PATIENT, line::show));
        case FOREIGN ->
            throw new CommandException(ExitCode.BAD_CONFIGURATION, String.valueOf(e.getMessage()));
        case UNUSABLE ->
            throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
      };
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED, "The store was not made again, nothing was changed: " + e.getMessage());
    }
  }

  private static RebuildReport byService(
      GlobalOptions options, Function<StoreCare, RebuildReport> work) {
    AtomicReference<Optional<RebuildReport>> report = new AtomicReference<>(Optional.empty());
    options.administer(
        administration -> report.set(Optional.of(work.apply(administration.storeCare()))));
    return report.get().orElseThrow();
  }

  Path path(GlobalOptions options) {
    return root.orElseGet(
            () ->
                Path.of(
                    options.surroundings().variable("FUSELAGE_ROOT", GlobalOptions.DEFAULT_ROOT)))
        .toAbsolutePath()
        .normalize();
  }

  private static Map<String, Object> document(RebuildReport report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("committed", report.committed());
    document.put("active", report.active());
    document.put("views", report.views());
    document.put("doubtful", byId(report.doubtful()));
    document.put("refused", byId(report.refused()));
    document.put("gone", report.gone());
    document.put("aside", report.aside());
    return document;
  }

  private static Map<String, String> byId(Map<SnapshotId, String> reasons) {
    Map<String, String> byId = new LinkedHashMap<>();
    reasons.forEach((id, reason) -> byId.put(id.toString(), reason));
    return byId;
  }
}
