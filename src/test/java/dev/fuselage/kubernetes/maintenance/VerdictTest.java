package dev.fuselage.kubernetes.maintenance;

import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.DEADLINE;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.START;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.failed;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.run;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class VerdictTest {
  @Test
  void itIsCompleteWhenEachNodeHasSucceeded() {
    assertThat(Verdict.of(run(succeeded("a"), succeeded("b")), START))
        .isEqualTo(new Verdict.Complete("2/2"));
  }

  @Test
  void itGoesOnWhileANodeHasNotFinished() {
    assertThat(Verdict.of(run(succeeded("a"), NodeProgress.first("b", START)), START))
        .isEqualTo(new Verdict.Ongoing("1/2", false));
  }

  @Test
  void itFailsOnlyWhenAllHaveFinishedAndNamesWhoFailed() {
    assertThat(Verdict.of(run(failed("a", "no disk")), START))
        .isEqualTo(new Verdict.Ongoing("1/2", false));
    assertThat(Verdict.of(run(failed("a", "no disk"), succeeded("b")), START))
        .isEqualTo(new Verdict.Failed("2/2", "NodesFailed", "a: no disk"));
  }

  @Test
  void itFailsAtTheDeadlineThoughANodeKeepsSilent() {
    assertThat(Verdict.of(run(succeeded("a")), START.plus(DEADLINE)))
        .isEqualTo(
            new Verdict.Failed(
                "1/2", "DeadlineExceeded", "1/2 of the nodes had finished at the deadline"));
  }

  @Test
  void whatIsDoneInTimeStaysCompleteAfterTheDeadline() {
    assertThat(Verdict.of(run(succeeded("a"), succeeded("b")), START.plus(DEADLINE)))
        .isEqualTo(new Verdict.Complete("2/2"));
  }

  @Test
  void itFailsWhenNoNodeIsSelected() {
    assertThat(Verdict.of(SomeMaintenance.of("run", Optional.of(List.of()), List.of()), START))
        .isInstanceOf(Verdict.Failed.class);
  }
}
