package dev.fuselage.kubernetes.maintenance;

import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.finished;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fuselage.kubernetes.maintenance.Maintenance.Timetable;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SchedulesTest {
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "30 2 * * SUN,        UTC,           2026-03-05T12:00:00Z, 2026-03-01T02:30:00Z",
    "30 2 * * 7,          UTC,           2026-03-05T12:00:00Z, 2026-03-01T02:30:00Z",
    "30 2 * * 0,          UTC,           2026-03-05T12:00:00Z, 2026-03-01T02:30:00Z",
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

  @Test
  void aScheduleThatMakesNoSenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedules.due(new Timetable("0 4 * * *", "Mars/Base", 3, 1), MADE, MADE));
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
