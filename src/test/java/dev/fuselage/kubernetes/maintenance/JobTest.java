package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.kubernetes.maintenance.Maintenance.Spec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

final class JobTest {
  private final Map<Operation, Boolean> resumed = new ConcurrentHashMap<>();

  private static Maintenance maintenance(Operation... operations) {
    Maintenance some = SomeMaintenance.run();
    Spec spec = some.spec();
    return new Maintenance(
        some.name(),
        some.uid(),
        some.version(),
        some.created(),
        some.scheduledBy(),
        new Spec(
            List.of(operations),
            spec.target(),
            spec.maxConcurrent(),
            spec.deadline(),
            spec.suspend(),
            spec.ttl(),
            spec.schedule()),
        some.status());
  }

  private NodeProgress run(NodeProgress begun, Operation... operations)
      throws InterruptedException {
    Job job =
        new Job(
            maintenance(operations),
            "slot",
            begun,
            (operation, again, _, _) -> {
              resumed.put(operation, again);
              return new NodeOperations.Outcome(true, "done");
            },
            Clock.systemUTC(),
            () -> {});
    job.begin();
    assertThat(job.join(Duration.ofSeconds(60))).isTrue();
    return job.progress();
  }

  @Test
  void onlyTheOperationThatWasUnderWayGoesOnWhereItWas() throws Exception {
    NodeProgress killed =
        NodeProgress.first("a", SomeMaintenance.START).at(Operation.BACKUP, "half of it").again();

    NodeProgress end = run(killed, Operation.BACKUP, Operation.VERIFY);

    assertThat(end.phase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(resumed)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(Operation.BACKUP, true, Operation.VERIFY, false));
  }

  @Test
  void whatIsDoneIsNotDoneAgain() throws Exception {
    NodeProgress killed =
        NodeProgress.first("a", SomeMaintenance.START)
            .at(Operation.BACKUP, "")
            .with(new NodeProgress.Result(Operation.BACKUP, "done"))
            .at(Operation.VERIFY, "half of it")
            .again();

    run(killed, Operation.BACKUP, Operation.VERIFY);

    assertThat(resumed).isEqualTo(Map.of(Operation.VERIFY, true));
  }

  @Test
  void aFirstAttemptResumesNothing() throws Exception {
    run(NodeProgress.first("a", SomeMaintenance.START), Operation.VERIFY);

    assertThat(resumed).isEqualTo(Map.of(Operation.VERIFY, false));
  }
}
