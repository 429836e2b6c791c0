package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.kubernetes.Condition;
import dev.fuselage.kubernetes.NodeFacts;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.observability.UpkeepMetrics.Backlog;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NodeFindingsTest {
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
    assertThat(shown(NodeFindings.ready(Optional.empty(), HEALTHY)))
        .isEqualTo("Ready=True Serving");
    assertThat(shown(NodeFindings.ready(Optional.of("starting"), HEALTHY)))
        .isEqualTo("Ready=False NotServing");
    assertThat(shown(NodeFindings.ready(Optional.of("damaged"), DAMAGED)))
        .isEqualTo("Ready=False StoreUnavailable");
  }

  @Test
  void aDamagedStoreSaysWhatToDo() {
    Condition condition = NodeFindings.storeHealthy(DAMAGED);

    assertThat(shown(condition)).isEqualTo("StoreHealthy=False Damaged");
    assertThat(condition.message()).isEqualTo("run fuselage rebuild");
  }

  @Test
  void lowSpaceIsPressure() {
    assertThat(shown(NodeFindings.diskPressure(Optional.of("only 1 MiB"))))
        .isEqualTo("DiskPressure=True LowSpace");
    assertThat(shown(NodeFindings.diskPressure(Optional.empty())))
        .isEqualTo("DiskPressure=False EnoughSpace");
  }

  @Test
  void manyTreesAreNoBacklogUntilTheyAreOld() {
    assertThat(shown(NodeFindings.reclaimBacklog(new Backlog(1000, 0, 0, 60), 0)))
        .isEqualTo("ReclaimBacklog=False UpToDate");
    assertThat(shown(NodeFindings.reclaimBacklog(new Backlog(1, 0, 0, 601), 0)))
        .isEqualTo("ReclaimBacklog=True Slow");
    assertThat(shown(NodeFindings.reclaimBacklog(new Backlog(1, 0, 0, 1), 1)))
        .isEqualTo("ReclaimBacklog=True CannotDelete");
  }

  @Test
  void damageIsUnknownWhileTheStoreDoesNotTell() {
    assertThat(shown(NodeFindings.damaged(Optional.of(0L)))).isEqualTo("Damaged=False Sound");
    assertThat(shown(NodeFindings.damaged(Optional.of(2L)))).isEqualTo("Damaged=True Quarantined");
    assertThat(shown(NodeFindings.damaged(Optional.empty())))
        .isEqualTo("Damaged=Unknown StoreUnavailable");
  }

  @Test
  void everyByteIsInOneShareAndTenPodsAreNamedByWhatTheyWrote() {
    List<Holding> holdings = new ArrayList<>();
    for (OwnerKind kind : OwnerKind.values()) {
      if (kind != OwnerKind.POD) {
        holdings.add(holding(Owner.of(kind), 1000));
      }
    }
    for (int pod = 1; pod <= 12; pod++) {
      holdings.add(holding(new Owner(OwnerKind.POD, "web", "pod-" + pod), pod));
    }

    NodeFacts.Disk disk = NodeFindings.disk(report(holdings));

    assertThat(disk.usage())
        .isEqualTo(
            Map.of(
                "images", 2000L,
                "containers", 1078L,
                "trash", 1000L,
                "unclaimed", 3000L,
                "orphans", 1000L,
                "fuselage", 1000L));
    assertThat(disk.unclaimed()).isEqualTo(1000);
    assertThat(disk.snapshots()).isEqualTo(5);
    assertThat(disk.topPods()).hasSize(10);
    assertThat(disk.topPods().getFirst()).isEqualTo(new NodeFacts.PodUsage("web", "pod-12", 12));
  }

  private static Holding holding(Owner owner, long bytes) {
    return new Holding(owner, 1, new Usage(bytes, 1), Usage.NONE);
  }

  private static Report report(List<Holding> holdings) {
    return new Report(
        Instant.EPOCH,
        true,
        holdings,
        Map.of(
            Kind.ACTIVE,
            new Report.Sum(2, Usage.NONE),
            Kind.COMMITTED,
            new Report.Sum(3, Usage.NONE)),
        List.of(),
        Report.Sum.NONE,
        List.of(),
        List.of(),
        0,
        Map.of(),
        new Report.FileSystem(100, 10, 0, 0),
        Duration.ZERO,
        Duration.ZERO);
  }
}
