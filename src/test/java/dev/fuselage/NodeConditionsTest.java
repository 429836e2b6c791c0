package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.kubernetes.Condition;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.observability.UpkeepMetrics.Backlog;
import dev.fuselage.snapshot.SnapshotException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NodeConditionsTest {
  private static final StoreHealth HEALTHY = new StoreHealth.Healthy();
  private static final StoreHealth DAMAGED =
      new StoreHealth.Damaged(
          new SnapshotException(SnapshotException.Code.UNAVAILABLE, "run fuselage rebuild"));

  private static String shown(Condition condition) {
    return "%s=%s %s"
        .formatted(condition.type().label(), condition.status().label(), condition.reason());
  }

  @Test
  void readyUntilSomethingStandsInTheWay() {
    assertThat(shown(NodeConditions.ready(Optional.empty(), HEALTHY)))
        .isEqualTo("Ready=True Serving");
    assertThat(shown(NodeConditions.ready(Optional.of("starting"), HEALTHY)))
        .isEqualTo("Ready=False NotServing");
    assertThat(shown(NodeConditions.ready(Optional.of("damaged"), DAMAGED)))
        .isEqualTo("Ready=False StoreUnavailable");
  }

  @Test
  void aDamagedStoreSaysWhatToDo() {
    Condition condition = NodeConditions.storeHealthy(DAMAGED);

    assertThat(shown(condition)).isEqualTo("StoreHealthy=False Damaged");
    assertThat(condition.message()).isEqualTo("run fuselage rebuild");
  }

  @Test
  void lowSpaceIsPressure() {
    assertThat(shown(NodeConditions.diskPressure(Optional.of("only 1 MiB"))))
        .isEqualTo("DiskPressure=True LowSpace");
    assertThat(shown(NodeConditions.diskPressure(Optional.empty())))
        .isEqualTo("DiskPressure=False EnoughSpace");
  }

  @Test
  void manyTreesAreNoBacklogUntilTheyAreOld() {
    assertThat(shown(NodeConditions.reclaimBacklog(new Backlog(1000, 0, 0, 60), 0)))
        .isEqualTo("ReclaimBacklog=False UpToDate");
    assertThat(shown(NodeConditions.reclaimBacklog(new Backlog(1, 0, 0, 601), 0)))
        .isEqualTo("ReclaimBacklog=True Slow");
    assertThat(shown(NodeConditions.reclaimBacklog(new Backlog(1, 0, 0, 1), 1)))
        .isEqualTo("ReclaimBacklog=True CannotDelete");
  }

  @Test
  void damageIsUnknownWhileTheStoreDoesNotTell() {
    assertThat(shown(NodeConditions.damaged(Optional.of(0L)))).isEqualTo("Damaged=False Sound");
    assertThat(shown(NodeConditions.damaged(Optional.of(2L))))
        .isEqualTo("Damaged=True Quarantined");
    assertThat(shown(NodeConditions.damaged(Optional.empty())))
        .isEqualTo("Damaged=Unknown StoreUnavailable");
  }
}
