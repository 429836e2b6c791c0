package dev.fuselage.kubernetes.maintenance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node tells of its part in a maintenance.
 *
 * @param operation that it is at; empty before the first and when it has finished
 * @param message how far it is or why it failed, which may be empty
 * @param attempts how often it began, 1 for the first time
 * @param completed when it finished
 * @param results of the operations that are done, in their order
 */
record NodeProgress(
    String node,
    Phase phase,
    Optional<Operation> operation,
    String message,
    int attempts,
    Instant started,
    Optional<Instant> completed,
    List<Result> results) {
  /** What an operation that is done has to say. */
  record Result(Operation operation, String message) {}

  NodeProgress {
    results = List.copyOf(results);
  }

  static NodeProgress first(String node, Instant now) {
    return new NodeProgress(
        node, Phase.RUNNING, Optional.empty(), "", 1, now, Optional.empty(), List.of());
  }

  /** Begun once more, after the agent ended or the maintenance was suspended. */
  NodeProgress again() {
    int next = phase == Phase.SUSPENDED ? attempts : attempts + 1;
    return new NodeProgress(
        node, Phase.RUNNING, operation, message, next, started, Optional.empty(), results);
  }

  NodeProgress at(Operation now, String text) {
    return new NodeProgress(
        node, Phase.RUNNING, Optional.of(now), text, attempts, started, completed, results);
  }

  NodeProgress with(Result result) {
    List<Result> all = new ArrayList<>(results);
    all.add(result);
    return new NodeProgress(node, phase, Optional.empty(), "", attempts, started, completed, all);
  }

  NodeProgress suspended() {
    return new NodeProgress(
        node, Phase.SUSPENDED, operation, message, attempts, started, completed, results);
  }

  NodeProgress ended(Phase end, String text, Instant now) {
    return new NodeProgress(
        node, end, operation, text, attempts, started, Optional.of(now), results);
  }

  boolean hasDone(Operation wanted) {
    return results.stream().anyMatch(result -> result.operation() == wanted);
  }
}
