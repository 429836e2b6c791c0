package dev.fuselage.kubernetes.maintenance;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.fuselage.kubernetes.maintenance.Maintenance.Timetable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** When a schedule makes runs, and which of them it keeps. */
final class Schedules {
  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
  private static final int MINUTE = 60;

  /** Of a run: the uid of its schedule. */
  static final String LABEL = "fuselage.dev/schedule";

  private Schedules() {}

  /**
   * The youngest time that has come and had no run; those before it are left out.
   *
   * @param after the time of the last run, or when the schedule was made
   * @throws IllegalArgumentException if the schedule or its time zone makes no sense
   */
  static Optional<Instant> due(Timetable timetable, Instant after, Instant now) {
    try {
      return ExecutionTime.forCron(PARSER.parse(timetable.cron()))
          .lastExecution(now.plusSeconds(1).atZone(ZoneId.of(timetable.timeZone())))
          .map(time -> time.toInstant())
          .filter(time -> time.isAfter(after));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The name of a run, the same whoever makes it. */
  static String runOf(String schedule, Instant time) {
    return "%s-%d".formatted(schedule, time.getEpochSecond() / MINUTE);
  }

  /** Those of a schedule's runs that are more than it keeps, the oldest. */
  static List<Maintenance> surplus(Timetable timetable, List<Maintenance> runs) {
    return Stream.concat(
            oldest(runs, Maintenance.COMPLETE, timetable.successes()),
            oldest(runs, Maintenance.FAILED, timetable.failures()))
        .toList();
  }

  private static Stream<Maintenance> oldest(List<Maintenance> runs, String end, int kept) {
    return runs.stream()
        .filter(run -> run.status().is(end))
        .sorted(Comparator.comparing(Maintenance::created).reversed())
        .skip(kept);
  }
}
