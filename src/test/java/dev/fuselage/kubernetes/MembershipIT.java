package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.install.Removal;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node tells a real API server, with no more than the permissions of the chart. */
final class MembershipIT {
  private static final String NODE = "member";
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final String CONDITION =
      "jsonpath={.status.conditions[0].status} {.status.conditions[0].reason}"
          + " {.status.conditions[0].lastTransitionTime}";

  private static final String ROLE =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: member}
      rules:
        - {apiGroups: [fuselage.dev], resources: [fuselagenodes], verbs: [get, create, patch]}
        - {apiGroups: [fuselage.dev], resources: [fuselagenodes/status], verbs: [patch]}
        - {apiGroups: [""], resources: [nodes], verbs: [get]}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: member}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: member}
      subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: "%s"}]
      """
          .formatted(ApiServer.AGENT);

  private final ApiServer shared = ApiServer.shared();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);

  @BeforeEach
  void makeNode() {
    prepare(shared);
  }

  @AfterEach
  void removeNode() {
    shared.kubectl("delete", "--ignore-not-found", "node/" + NODE, "fsn/" + NODE);
    shared.kubectl("delete", "clusterrole/member", "clusterrolebinding/member");
  }

  private static void prepare(ApiServer server) {
    server.apply("{apiVersion: v1, kind: Node, metadata: {name: %s}}".formatted(NODE));
    server.apply(ROLE);
    server.awaitAllowed("get", "nodes");
  }

  private NodeReport report(ClusterClient cluster) {
    return new NodeReport(
        new FuselageNodes(cluster.client(), NODE), new WritePolicy(() -> 0), now::get, nanos::get);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    now.updateAndGet(before -> before.plus(time));
  }

  @Test
  void aNodeIsSeenWithItsDiskAndOwnedByItsNode() {
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      report(cluster).tell(SomeFacts.of());

      assertThat(shared.kubectl("get", "fsn", NODE))
          .containsPattern("READY +DRIVER +USED +FREE +SNAPSHOTS +UNCLAIMED +TOP POD +AGE")
          .containsPattern("member +True +overlayfs +1.5Gi +10.0Gi +7 +0 +web/writer \\(50.0Mi\\)");
      assertThat(shared.kubectl("get", "fsn", NODE, "-o", "wide"))
          .containsPattern("REPORTED +CAPACITY +BACKLOG +DAMAGED")
          .contains("100Gi", "1.2.3", "6.18.0");
      assertThat(owner()).isEqualTo(NODE + " " + uid());
      assertThat(
              shared.kubectl(
                  "get", "fsn", NODE, "-o", "jsonpath={.metadata.managedFields[*].manager}"))
          .contains(FuselageNodes.FIELD_MANAGER);
    }
  }

  private String owner() {
    return shared.kubectl(
        "get",
        "fsn",
        NODE,
        "-o",
        "jsonpath={.metadata.ownerReferences[*].name} {.metadata.ownerReferences[*].uid}");
  }

  private String uid() {
    return shared.kubectl("get", "node", NODE, "-o", "jsonpath={.metadata.uid}");
  }

  private String condition() {
    return shared.kubectl("get", "fsn", NODE, "-o", CONDITION);
  }

  @Test
  void aChangeIsToldWhenItsTimeHasCome() {
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      NodeReport report = report(cluster);
      report.tell(SomeFacts.of());
      pass(Duration.ofSeconds(10));
      report.tell(SomeFacts.notReady("it stands still"));
      assertThat(condition()).isEqualTo("True Serving 2026-03-01T12:00:00Z");

      pass(Duration.ofSeconds(20));
      report.tell(SomeFacts.notReady("it stands still"));

      assertThat(condition()).isEqualTo("False NotServing 2026-03-01T12:00:30Z");
    }
  }

  @Test
  void whatIsNotToldAnyMoreGoes() {
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      NodeReport report = report(cluster);
      report.tell(SomeFacts.of());
      pass(WritePolicy.BETWEEN);

      report.tell(SomeFacts.withoutDisk());

      assertThat(shared.kubectl("get", "fsn", NODE, "-o", "jsonpath={.status.topPods}")).isEmpty();
    }
  }

  @Test
  void aConditionKeepsItsTimeThroughARestart() {
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      report(cluster).tell(SomeFacts.of());
      pass(Duration.ofHours(1));

      report(cluster).tell(SomeFacts.of());

      assertThat(condition()).isEqualTo("True Serving 2026-03-01T12:00:00Z");
    }
  }

  @Test
  void aNodeThatWasMadeAnewGetsOneOfItsOwn() {
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      NodeReport report = report(cluster);
      report.tell(SomeFacts.of());
      String before = uid();
      shared.kubectl("delete", "node/" + NODE, "fsn/" + NODE);
      prepare(shared);
      pass(WritePolicy.REFRESH);

      report.tell(SomeFacts.of());

      assertThat(owner()).isEqualTo(NODE + " " + uid()).isNotEqualTo(NODE + " " + before);
    }
  }

  @Test
  void withoutItsNodeThereIsNone() {
    shared.kubectl("delete", "node/" + NODE);
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      report(cluster).tell(SomeFacts.of());
    }

    assertThat(shared.tryKubectl("get", "fsn", NODE)).isEmpty();
  }

  @Test
  void theAgentTellsThatTheServiceStops() {
    try (ClusterClient cluster = shared.client(ApiServer.AGENT)) {
      try (NodeAgent agent =
          NodeAgent.begin(
              cluster,
              NODE,
              new NodeAgent.Signals(false, false, false, false, false),
              SomeFacts::of,
              new NodeAgent.Hooks(_ -> {}, (_, _) -> new Removal.Gone(), () -> {}))) {
        Awaitility.await().untilAsserted(() -> assertThat(condition()).startsWith("True Serving"));
        assertThat(agent).isNotNull();
      }

      assertThat(condition()).startsWith("False Stopped");
    }
  }

  @Test
  void aServerThatIsAwayIsCaughtUpWith() {
    try (ApiServer server = ApiServer.startWithoutCrds()) {
      prepare(server);
      try (ClusterClient cluster = server.client(ApiServer.AGENT)) {
        NodeReport report = report(cluster);
        report.tell(SomeFacts.of());
        assertThat(server.tryKubectl("get", "fsn")).isEmpty();
        server.applyCrds();
        pass(BackOff.LAST_RETRY);
        report.tell(SomeFacts.of());
        assertThat(server.kubectl("get", "fsn", NODE, "-o", CONDITION)).startsWith("True");

        server.stopServer();
        pass(WritePolicy.BETWEEN);
        report.tell(SomeFacts.notReady("it stands still"));
        server.startServer();
        assertThat(server.kubectl("get", "fsn", NODE, "-o", CONDITION)).startsWith("True");
        pass(BackOff.FIRST_RETRY);
        report.tell(SomeFacts.notReady("it stands still"));

        assertThat(server.kubectl("get", "fsn", NODE, "-o", CONDITION)).startsWith("False");
      }
    }
  }
}
