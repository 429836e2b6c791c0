package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.kubernetes.NodeFacts;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NodeFindingsTest {
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
        Duration.ZERO,
        Report.Gaps.NONE);
  }
}
