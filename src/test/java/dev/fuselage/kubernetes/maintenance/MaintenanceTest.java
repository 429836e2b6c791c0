package dev.fuselage.kubernetes.maintenance;

import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.DEADLINE;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.START;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.finished;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.run;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.succeeded;
import static dev.fuselage.kubernetes.maintenance.SomeMaintenance.withOperator;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MaintenanceTest {
  @Test
  void itWaitsForSelectedNodesThatHaveNotFinished() {
    Maintenance run = run(succeeded("a"), NodeProgress.first("b", START));

    assertThat(run.waitsFor("a", START)).isFalse();
    assertThat(run.waitsFor("b", START)).isTrue();
    assertThat(run.waitsFor("c", START)).isFalse();
  }

  @Test
  void itWaitsForNobodyBeforeItsNodesAreSettled() {
    assertThat(SomeMaintenance.of("run", Optional.empty(), List.of()).waitsFor("a", START))
        .isFalse();
  }

  @Test
  void itWaitsForNobodyAfterTheDeadlineOrItsEnd() {
    assertThat(run().waitsFor("a", START.plus(DEADLINE))).isFalse();
    assertThat(finished("run", Maintenance.FAILED).waitsFor("a", START)).isFalse();
  }

  @Test
  void whatWasDoneBeforeARestartIsKnownAfterIt() {
    NodeProgress.Result result = new NodeProgress.Result(Operation.BACKUP, "backup 1");

    NodeProgress again = NodeProgress.first("a", START).with(result).again();

    assertThat(again.hasDone(Operation.BACKUP)).isTrue();
    assertThat(again.hasDone(Operation.VERIFY)).isFalse();
    assertThat(again.attempts()).isEqualTo(2);
  }

  @Test
  void aSuspensionIsNoFailedAttempt() {
    assertThat(NodeProgress.first("a", START).suspended().again().attempts()).isEqualTo(1);
  }

  @Test
  void aSelectorIsWrittenAsKubectlTakesIt() {
    assertThat(
            Documents.selector(
                new Fields(
                    Map.of(
                        "matchLabels",
                        Map.of("zone", "a"),
                        "matchExpressions",
                        List.of(
                            withOperator("In", List.of("x", "y")),
                            withOperator("NotIn", List.of("z")),
                            withOperator("Exists", List.of()),
                            withOperator("DoesNotExist", List.of()))))))
        .isEqualTo("zone=a,tier in (x,y),tier notin (z),tier,!tier");
    assertThat(Documents.selector(new Fields(Map.of()))).isEmpty();
  }
}
