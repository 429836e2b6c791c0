package dev.fuselage.kubernetes.maintenance;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is to be said of a run as a whole. */
sealed interface Verdict {
  /** How many of the nodes have finished, as {@code 3/10}. */
  String progress();

  /** There is still something to do. */
  record Ongoing(String progress, boolean suspended) implements Verdict {}

  /** Each node has done all. */
  record Complete(String progress) implements Verdict {}

  /** It is over, and not all was done. */
  record Failed(String progress, String reason, String message) implements Verdict {}

  /** The most nodes that a message names. */
  int NAMED = 5;

  /** Of a run whose nodes are settled. */
  static Verdict of(Maintenance run, Instant now) {
    List<String> selected = run.status().selected().orElse(List.of());
    List<NodeProgress> ended =
        selected.stream()
            .flatMap(node -> Optional.ofNullable(run.status().nodes().get(node)).stream())
            .filter(progress -> progress.phase().isEnd())
            .toList();
    List<NodeProgress> failed =
        ended.stream().filter(progress -> progress.phase() == Phase.FAILED).toList();
    String progress = "%d/%d".formatted(ended.size(), selected.size());
    if (selected.isEmpty()) {
      return new Failed(progress, "NoNodes", "no node that runs Fuselage is selected");
    }
    if (ended.size() == selected.size()) {
      return failed.isEmpty()
          ? new Complete(progress)
          : new Failed(progress, "NodesFailed", sentence(failed));
    }
    if (run.isOverdue(now)) {
      return new Failed(
          progress,
          "DeadlineExceeded",
          "%s of the nodes had finished at the deadline".formatted(progress));
    }
    return new Ongoing(progress, run.spec().suspend());
  }

  private static String sentence(List<NodeProgress> failed) {
    String named =
        failed.stream()
            .limit(NAMED)
            .map(progress -> progress.node() + ": " + progress.message())
            .collect(Collectors.joining("; "));
    return failed.size() > NAMED
        ? "%s; and %d more".formatted(named, failed.size() - NAMED)
        : named;
  }
}
