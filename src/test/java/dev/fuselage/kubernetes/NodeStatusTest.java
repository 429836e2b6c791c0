package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NodeStatusTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.5Z");

  private final Transitions transitions = new Transitions();

  @Test
  void beforeTheFirstMeasurementNothingIsSaidOfTheDisk() {
    NodeFacts unmeasured = SomeFacts.withoutDisk();

    assertThat(NodeStatus.of(unmeasured, transitions, NOW))
        .doesNotContainKeys("usage", "freeBytes", "summary", "lastCleanup")
        .containsEntry("driver", "overlayfs")
        .containsEntry("lastReport", "2026-03-01T12:00:00Z");
  }

  @Test
  void theSummaryNamesTheTopPodAndSizesInUnits() {
    assertThat(NodeStatus.of(SomeFacts.of(), transitions, NOW))
        .containsEntry(
            "summary",
            Map.of(
                "used", "1.5Gi",
                "free", "10.0Gi",
                "capacity", "100Gi",
                "unclaimed", "0",
                "topPod", "web/writer (50.0Mi)"));
  }

  @Test
  void aConditionKeepsItsTimeWhileItsStatusIsTheSame() {
    var unused = NodeStatus.of(SomeFacts.notReady("a"), transitions, NOW);

    Map<String, Object> later =
        NodeStatus.of(SomeFacts.notReady("b"), transitions, NOW.plus(Duration.ofHours(1)));

    assertThat(later.get("conditions"))
        .isEqualTo(
            List.of(
                Map.of(
                    "type", "Ready",
                    "status", "False",
                    "reason", "NotServing",
                    "message", "b",
                    "lastTransitionTime", "2026-03-01T12:00:00Z")));
  }

  @Test
  void aConditionGetsANewTimeWithANewStatus() {
    transitions.remember(ConditionType.READY, Condition.Status.TRUE, Instant.EPOCH);

    Map<String, Object> status = NodeStatus.of(SomeFacts.notReady("a"), transitions, NOW);

    assertThat(String.valueOf(status.get("conditions")))
        .contains("lastTransitionTime=2026-03-01T12:00:00Z");
  }

  @Test
  void sizesAndMessagesAloneAreNotWorthAWrite() {
    NodeFacts.Disk fuller = new NodeFacts.Disk(1, 2, Map.of("images", 3L), 4, 5, List.of());
    NodeFacts.Disk emptier = new NodeFacts.Disk(9, 9, Map.of("images", 9L), 9, 9, List.of());

    assertThat(SomeFacts.with(Optional.of(fuller), "a").significance())
        .isEqualTo(SomeFacts.with(Optional.of(emptier), "b").significance());
  }

  @Test
  void anotherOrderOfPodsIsWorthAWrite() {
    NodeFacts.PodUsage first = new NodeFacts.PodUsage("web", "a", 2);
    NodeFacts.PodUsage second = new NodeFacts.PodUsage("web", "b", 1);

    assertThat(SomeFacts.with(Optional.of(disk(List.of(first, second))), "a").significance())
        .isNotEqualTo(
            SomeFacts.with(Optional.of(disk(List.of(second, first))), "a").significance());
  }

  private static NodeFacts.Disk disk(List<NodeFacts.PodUsage> pods) {
    return new NodeFacts.Disk(1, 1, Map.of(), 1, 1, pods);
  }

  @Test
  void sizesHaveThreeDigitsOrSo() {
    assertThat(Sizes.of(0)).isEqualTo("0");
    assertThat(Sizes.of(1023)).isEqualTo("1023");
    assertThat(Sizes.of(1536)).isEqualTo("1.5Ki");
    assertThat(Sizes.of(1024L * 1024 * 1024 - 1)).isEqualTo("1.0Gi");
    assertThat(Sizes.of(Long.MAX_VALUE)).isEqualTo("8.0Ei");
  }
}
