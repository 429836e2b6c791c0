package dev.fuselage.kubernetes.maintenance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A FuselageMaintenance as the API server has it.
 *
 * @param version of the object, which changes with each write
 * @param scheduledBy uid of the schedule that made it; empty if somebody else did
 */
record Maintenance(
    String name,
    String uid,
    String version,
    Instant created,
    Optional<String> scheduledBy,
    Spec spec,
    Status status) {

  /**
   * What is asked for.
   *
   * @param ttl how long it is kept when it has finished; empty for ever
   * @param schedule empty for a run
   */
  record Spec(
      List<Operation> operations,
      Target target,
      int maxConcurrent,
      Duration deadline,
      boolean suspend,
      Optional<Duration> ttl,
      Optional<Timetable> schedule) {}

  /** On which nodes. */
  sealed interface Target {
    /** On these. */
    record Names(List<String> names) implements Target {}

    /**
     * On those with these labels.
     *
     * @param selector as a list of nodes takes it, empty for all of them
     */
    record Labelled(String selector) implements Target {}
  }

  /**
   * When a schedule makes runs.
   *
   * @param successes how many complete runs are kept
   * @param failures how many failed runs are kept
   */
  record Timetable(String cron, String timeZone, int successes, int failures) {}

  /**
   * What became of it so far.
   *
   * @param selected the nodes that it is for; empty until that is settled
   */
  record Status(
      Optional<List<String>> selected,
      Optional<Instant> started,
      Optional<Instant> completed,
      Optional<Instant> lastScheduled,
      String progress,
      Map<String, NodeProgress> nodes,
      List<Condition> conditions) {
    boolean is(String type) {
      return conditions.stream()
          .anyMatch(condition -> condition.type().equals(type) && condition.holds());
    }
  }

  /**
   * As Kubernetes has them.
   *
   * @param since when it last began or ended to hold
   */
  record Condition(String type, boolean holds, String reason, String message, Instant since) {}

  static final String PENDING = "Pending";
  static final String COMPLETE = "Complete";
  static final String FAILED = "Failed";
  static final String SUSPENDED = "Suspended";

  boolean hasFinished() {
    return status.is(COMPLETE) || status.is(FAILED);
  }

  boolean isRun() {
    return spec.schedule().isEmpty();
  }

  /** Empty until it has begun. */
  Optional<Instant> end() {
    return status.started().map(start -> start.plus(spec.deadline()));
  }

  /** Whether that time has come; never before it has begun. */
  boolean isOverdue(Instant now) {
    return end().filter(end -> !end.isAfter(now)).isPresent();
  }

  /** Whether the node has something to do for it now, if a slot is free. */
  boolean waitsFor(String node, Instant now) {
    return isRun()
        && !hasFinished()
        && !spec.suspend()
        && !isOverdue(now)
        && status.selected().filter(nodes -> nodes.contains(node)).isPresent()
        && !Optional.ofNullable(status.nodes().get(node))
            .filter(progress -> progress.phase().isEnd())
            .isPresent();
  }
}
