package dev.fuselage.kubernetes.maintenance;

import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.finished;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.kubernetes.maintenance.Maintenance.Timetable;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchedulesTest {
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "30 2 * * SUN,        UTC,           2026-03-05T12:00:00Z, 2026-03-01T02:30:00Z",
    "30 2 * * 7,          UTC,           2026-03-05T12:00:00Z, 2026-03-01T02:30:00Z",
    "30 2 * * 0,          UTC,           2026-03-05T12:00:00Z, 2026-03-01T02:30:00Z",
    // A Sunday comes before a Thursday, and as a day it is the last or the first.
    "0 2 * * SUN-THU,     UTC,           2026-03-07T12:00:00Z, 2026-03-05T02:00:00Z",
    "0 2 * * SUN-THU,     UTC,           2026-03-08T12:00:00Z, 2026-03-08T02:00:00Z",
    "0 2 * * WED-SUN,     UTC,           2026-03-08T12:00:00Z, 2026-03-08T02:00:00Z",
    "0 4 * * *,           Europe/Berlin, 2026-07-05T12:00:00Z, 2026-07-05T02:00:00Z",
    "*/15 * * * *,        UTC,           2026-03-05T12:14:59Z, 2026-03-05T12:00:00Z",
    "*/15 * * * *,        UTC,           2026-03-05T12:15:00Z, 2026-03-05T12:15:00Z",
    "0 0 1 JAN-MAR *,     UTC,           2026-12-05T12:00:00Z, 2026-03-01T00:00:00Z",
    // Of two restricted days either will do, as cron has it.
    "0 0 13 * FRI,        UTC,           2026-02-12T12:00:00Z, 2026-02-06T00:00:00Z",
  })
  void theYoungestTimeThatHasComeIsDue(String cron, String zone, Instant now, Instant expected) {
    assertThat(Schedules.due(new Timetable(cron, zone, 3, 1), MADE, now)).hasValue(expected);
  }

  @Test
  void aTimeThatHadItsRunIsNotDueAgain() {
    Timetable nightly = new Timetable("0 4 * * *", "UTC", 3, 1);
    Instant now = Instant.parse("2026-03-05T12:00:00Z");

    assertThat(Schedules.due(nightly, Instant.parse("2026-03-05T04:00:00Z"), now)).isEmpty();
  }

  /** The API server takes these, or may in a later version. */
  @ParameterizedTest
  @CsvSource({
    "0 4 * * *,     Mars/Base,     'timeZone \"Mars/Base\" is not known here: write a name'",
    "0 4 * * *,     posixrules,    'timeZone \"posixrules\" is not known here: write a name'",
    "*/90 * * * *,  UTC,           'schedule \"*/90 * * * *\" makes no run: Failed to parse'",
    "50-10 * * * *, UTC,           'schedule \"50-10 * * * *\" makes no run: Failed to parse'",
    "0 2 * * FRI-MON, UTC,         'schedule \"0 2 * * FRI-MON\" makes no run: Failed to parse'",
    "0 0 31 2 *,    UTC,           'schedule \"0 0 31 2 *\" makes no run: no time is ever such'",
    "'',            UTC,           'schedule \"\" makes no run: '",
  })
  void aScheduleThatMakesNoRunSaysWhy(String cron, String zone, String beginning) {
    Timetable timetable = new Timetable(cron, zone, 3, 1);

    assertThat(Schedules.problem(timetable, MADE)).get().asString().startsWith(beginning);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 4 * * *", "*/15 8-18 1,15 JAN-MAR SUN-THU", "0 0 29 2 *"})
  void oneThatMakesRunsHasNoProblem(String cron) {
    assertThat(Schedules.problem(new Timetable(cron, "Europe/Berlin", 3, 1), MADE)).isEmpty();
  }

  @Test
  void whoeverMakesARunGivesItTheSameName() {
    assertThat(Schedules.runOf("nightly", MADE)).isEqualTo("nightly-29453760");
  }

  @Test
  void theOldestThatAreTooManyGoCompleteAndFailedApart() {
    Timetable timetable = new Timetable("0 4 * * *", "UTC", 2, 0);

    assertThat(
            Schedules.surplus(
                timetable,
                List.of(
                    finished("1", Maintenance.COMPLETE),
                    finished("2", Maintenance.COMPLETE),
                    finished("3", Maintenance.COMPLETE),
                    finished("4", Maintenance.FAILED),
                    SomeMaintenance.run())))
        .extracting(Maintenance::name)
        .containsExactly("1", "4");
  }
}
