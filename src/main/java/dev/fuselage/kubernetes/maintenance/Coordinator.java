package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.kubernetes.maintenance.Maintenance.Condition;
import dev.fuselage.kubernetes.maintenance.Maintenance.Status;
import dev.fuselage.kubernetes.maintenance.Maintenance.Timetable;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What one agent does for all: settles which nodes a run is for, ends what is overdue, makes the
 * runs of schedules, and deletes what is old. Two at once do no harm: each write is refused if
 * somebody else was first.
 */
final class Coordinator {
  private static final Logger LOG = Logger.getLogger(Coordinator.class);

  /** As many as a status can hold. */
  private static final int MOST_NODES = 500;

  /**
   * How long a run that selects nobody waits for somebody: applied together with Fuselage itself,
   * it is there before the first node has told of itself.
   */
  static final Duration GRACE = Duration.ofMinutes(2);

  private static final int TRIES = 20;

  private static final int UNPROCESSABLE = 422;

  private final Maintenances maintenances;
  private final Clock clock;

  Coordinator(Maintenances maintenances, Clock clock) {
    this.maintenances = maintenances;
    this.clock = clock;
  }

  /** Whether there is something that one of the agents has to do. */
  boolean isNeeded(List<Maintenance> all) {
    Instant now = clock.instant();
    return all.stream()
        .anyMatch(
            maintenance ->
                !maintenance.isRun()
                    || isExpired(maintenance, now)
                    || (!maintenance.hasFinished()
                        && (maintenance.status().selected().isEmpty()
                            // The agent that told the last node's end died before it judged.
                            || !(Verdict.of(maintenance, now) instanceof Verdict.Ongoing)
                            || maintenance.spec().suspend()
                                != maintenance.status().is(Maintenance.SUSPENDED))));
  }

  void coordinate(List<Maintenance> all) {
    Instant now = clock.instant();
    for (Maintenance maintenance : all) {
      try {
        coordinate(maintenance, all, now);
      } catch (KubernetesClientException e) {
        if (!isRefusal(e)) {
          throw e;
        }
        // The others are not to wait for one that the server does not take.
        LOG.errorf("op=maintenance name=%s is refused: %s", maintenance.name(), e.getMessage());
      } catch (IllegalArgumentException e) {
        LOG.errorf(
            "op=maintenance name=%s is not understood: %s", maintenance.name(), e.getMessage());
      }
    }
  }

  private void coordinate(Maintenance maintenance, List<Maintenance> all, Instant now) {
    Optional<Timetable> timetable = maintenance.spec().schedule();
    if (timetable.isPresent()) {
      schedule(maintenance, timetable.get(), all, now);
    } else if (isExpired(maintenance, now)) {
      maintenances.delete(maintenance);
    } else if (!maintenance.hasFinished()) {
      judge(maintenance);
    }
  }

  /** Of what was asked, and not for want of a server or of a right. */
  private static boolean isRefusal(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST || e.getCode() == UNPROCESSABLE;
  }

  private static boolean isExpired(Maintenance maintenance, Instant now) {
    return maintenance.hasFinished()
        && maintenance
            .spec()
            .ttl()
            .flatMap(ttl -> maintenance.status().completed().map(end -> end.plus(ttl)))
            .filter(end -> !end.isAfter(now))
            .isPresent();
  }

  /** Says of a run as a whole what is to be said after a node's news. */
  void judge(Maintenance known) {
    Optional<Maintenance> read = maintenances.get(known);
    for (int i = 0; i < TRIES && read.isPresent() && !read.get().hasFinished(); i++) {
      Maintenance run = read.get();
      Status status = run.status().selected().isPresent() ? judged(run) : begun(run);
      if (status.equals(run.status()) || maintenances.tell(run, status)) {
        return;
      }
      read = maintenances.get(known);
    }
  }

  private Status begun(Maintenance run) {
    Instant now = clock.instant();
    List<String> nodes;
    try {
      nodes = maintenances.select(run.spec().target());
    } catch (KubernetesClientException e) {
      if (!isRefusal(e)) {
        throw e;
      }
      String message = "nodeSelector is none: " + e.getMessage();
      return status(run, List.of(), new Verdict.Failed("", "BadSelector", message), now);
    }
    if (nodes.size() > MOST_NODES) {
      String message =
          "%d nodes are selected, more than %d: make several of it"
              .formatted(nodes.size(), MOST_NODES);
      return status(run, List.of(), new Verdict.Failed("", "TooManyNodes", message), now);
    }
    if (run.spec().target() instanceof Maintenance.Target.Names(List<String> names)
        && nodes.size() < names.size()) {
      List<String> missing = new ArrayList<>(names);
      missing.removeAll(nodes);
      String message = "Fuselage does not run on " + String.join(", ", missing);
      return status(run, List.of(), new Verdict.Failed("", "NoSuchNodes", message), now);
    }
    if (nodes.isEmpty() && now.isBefore(run.created().plus(GRACE))) {
      return pending(run, now);
    }
    Verdict first =
        nodes.isEmpty()
            ? new Verdict.Failed("0/0", "NoNodes", "no node that runs Fuselage is selected")
            : new Verdict.Ongoing("0/" + nodes.size(), run.spec().suspend());
    return status(run, nodes, first, now);
  }

  private static Status pending(Maintenance run, Instant now) {
    String message =
        "no node that runs Fuselage is selected yet; it fails %d s after it was made"
            .formatted(GRACE.toSeconds());
    Condition waits = new Condition(Maintenance.PENDING, true, "NoNodes", message, now);
    return new Status(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "",
        run.status().nodes(),
        List.of(condition(run, waits)));
  }

  private Status judged(Maintenance run) {
    Instant now = clock.instant();
    return status(run, run.status().selected().orElse(List.of()), Verdict.of(run, now), now);
  }

  private static Status status(
      Maintenance run, List<String> selected, Verdict verdict, Instant now) {
    List<Condition> conditions =
        switch (verdict) {
          case Verdict.Ongoing(_, boolean suspended) ->
              List.of(
                  condition(
                      run,
                      new Condition(
                          Maintenance.SUSPENDED,
                          suspended,
                          suspended ? "Suspended" : "NotSuspended",
                          "",
                          now)));
          case Verdict.Complete _ ->
              List.of(
                  new Condition(Maintenance.COMPLETE, true, "Done", "each node has done all", now));
          case Verdict.Failed(_, String reason, String message) ->
              List.of(new Condition(Maintenance.FAILED, true, reason, message, now));
        };
    return new Status(
        Optional.of(selected),
        Optional.of(run.status().started().orElse(now)),
        verdict instanceof Verdict.Ongoing ? Optional.empty() : Optional.of(now),
        Optional.empty(),
        verdict.progress(),
        run.status().nodes(),
        conditions);
  }

  /** Since when it was, if it was before. */
  private static Condition condition(Maintenance run, Condition wanted) {
    return run.status().conditions().stream()
        .filter(before -> before.type().equals(wanted.type()) && before.holds() == wanted.holds())
        .findFirst()
        .map(
            before ->
                new Condition(
                    wanted.type(),
                    wanted.holds(),
                    wanted.reason(),
                    wanted.message(),
                    before.since()))
        .orElse(wanted);
  }

  private void schedule(
      Maintenance schedule, Timetable timetable, List<Maintenance> all, Instant now) {
    List<Maintenance> runs =
        all.stream()
            .filter(run -> run.isRun() && run.name().startsWith(schedule.name() + "-"))
            .filter(run -> run.scheduledBy().filter(schedule.uid()::equals).isPresent())
            .toList();
    Schedules.surplus(timetable, runs).forEach(maintenances::delete);
    Optional<Condition> invalid =
        Schedules.problem(timetable, now)
            .map(
                problem ->
                    condition(
                        schedule,
                        new Condition(Maintenance.FAILED, true, "InvalidSchedule", problem, now)));
    if (!invalid.stream().toList().equals(schedule.status().conditions())) {
      invalid.ifPresent(
          condition ->
              LOG.errorf("op=maintenance name=%s %s", schedule.name(), condition.message()));
      tell(schedule, schedule.status().lastScheduled(), invalid);
      return;
    }
    if (invalid.isPresent()
        || schedule.spec().suspend()
        || !runs.stream().allMatch(Maintenance::hasFinished)) {
      return;
    }
    Instant last = schedule.status().lastScheduled().orElse(schedule.created());
    Schedules.due(timetable, last, now).ifPresent(time -> begin(schedule, time));
  }

  private void begin(Maintenance schedule, Instant time) {
    maintenances.createRun(schedule, time);
    tell(schedule, Optional.of(time), Optional.empty());
  }

  private void tell(
      Maintenance schedule, Optional<Instant> lastScheduled, Optional<Condition> condition) {
    var unused =
        maintenances.tell(
            schedule,
            new Status(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                lastScheduled,
                schedule.status().progress(),
                schedule.status().nodes(),
                condition.stream().toList()));
  }
}
