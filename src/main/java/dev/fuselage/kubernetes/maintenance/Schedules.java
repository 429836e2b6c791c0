package dev.fuselage.kubernetes.maintenance;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.fuselage.kubernetes.maintenance.Maintenance.Timetable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** When a schedule makes runs, and which of them it keeps. */
final class Schedules {
  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  /** CronJob takes SUN for 0, cron-utils for 7, after which no range goes on. */
  private static final Pattern FROM_SUNDAY = Pattern.compile("SUN(?=-)");

  private static final int MINUTE = 60;

  /** Of a run: the uid of its schedule. */
  static final String LABEL = "fuselage.dev/schedule";

  private Schedules() {}

  /**
   * The youngest time that has come and had no run; those before it are left out.
   *
   * @param after the time of the last run, or when the schedule was made
   * @throws IllegalArgumentException if the schedule makes no run
   */
  static Optional<Instant> due(Timetable timetable, Instant after, Instant now) {
    return times(timetable)
        .lastExecution(now.plusSeconds(1).atZone(zone(timetable)))
        .map(ZonedDateTime::toInstant)
        .filter(time -> time.isAfter(after));
  }

  /** Why a schedule makes no run, for whoever wrote it; empty if it makes some. */
  static Optional<String> problem(Timetable timetable, Instant now) {
    try {
      return times(timetable).nextExecution(now.atZone(zone(timetable))).isPresent()
          ? Optional.empty()
          : Optional.of(noRun(timetable, "no time is ever such, as the 31st of February is none"));
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static ExecutionTime times(Timetable timetable) {
    try {
      String cron = FROM_SUNDAY.matcher(timetable.cron()).replaceAll("0");
      return ExecutionTime.forCron(PARSER.parse(cron));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(noRun(timetable, String.valueOf(e.getMessage())), e);
    }
  }

  private static ZoneId zone(Timetable timetable) {
    try {
      return ZoneId.of(timetable.timeZone());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "timeZone \"%s\" is not known here: write a name such as UTC or Europe/Berlin"
              .formatted(timetable.timeZone()),
          e);
    }
  }

  private static String noRun(Timetable timetable, String why) {
    return "schedule \"%s\" makes no run: %s".formatted(timetable.cron(), why);
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
