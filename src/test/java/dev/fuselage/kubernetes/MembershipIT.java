package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node tells a real API server, with no more than the permissions of the chart. */
final class MembershipIT {
  private static final String NODE = "member";

  private static final String CONDITION =
      "jsonpath={.status.conditions[0].status} {.status.conditions[0].reason}"
          + " {.status.conditions[0].lastTransitionTime}";

  private final ApiServer shared = ApiServer.shared();
  private final Account account = shared.account(NODE, Grant.ofAgent(false));
  private final PassingTime time = new PassingTime();

  @BeforeEach
  void makeNode() {
    shared.makeNode(NODE);
  }

  @AfterEach
  void removeNode() {
    account.close();
    shared.deleteNodes(NODE);
  }

  private NodeReport report(Account account) {
    return new NodeReport(
        new FuselageNodes(account.cluster().client(), NODE),
        new WritePolicy(() -> 0),
        time::now,
        time::nanos);
  }

  @Test
  void aNodeIsSeenWithItsDiskAndOwnedByItsNode() {
    report(account).tell(SomeFacts.of());

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
    NodeReport report = report(account);
    report.tell(SomeFacts.of());
    time.pass(Duration.ofSeconds(10));
    report.tell(SomeFacts.notReady("it stands still"));
    assertThat(condition()).isEqualTo("True Serving 2026-03-01T12:00:00Z");

    time.pass(Duration.ofSeconds(20));
    report.tell(SomeFacts.notReady("it stands still"));

    assertThat(condition()).isEqualTo("False NotServing 2026-03-01T12:00:30Z");
  }

  @Test
  void whatIsNotToldAnyMoreGoes() {
    NodeReport report = report(account);
    report.tell(SomeFacts.of());
    time.pass(WritePolicy.BETWEEN);

    report.tell(SomeFacts.withoutDisk());

    assertThat(shared.kubectl("get", "fsn", NODE, "-o", "jsonpath={.status.topPods}")).isEmpty();
  }

  @Test
  void aConditionKeepsItsTimeThroughARestart() {
    report(account).tell(SomeFacts.of());
    time.pass(Duration.ofHours(1));

    report(account).tell(SomeFacts.of());

    assertThat(condition()).isEqualTo("True Serving 2026-03-01T12:00:00Z");
  }

  @Test
  void aNodeThatWasMadeAnewGetsOneOfItsOwn() {
    NodeReport report = report(account);
    report.tell(SomeFacts.of());
    String before = uid();
    shared.kubectl("delete", "node/" + NODE, "fsn/" + NODE);
    shared.makeNode(NODE);
    time.pass(WritePolicy.REFRESH);

    report.tell(SomeFacts.of());

    assertThat(owner()).isEqualTo(NODE + " " + uid()).isNotEqualTo(NODE + " " + before);
  }

  @Test
  void withoutItsNodeThereIsNone() {
    shared.kubectl("delete", "node/" + NODE);
    report(account).tell(SomeFacts.of());

    assertThat(shared.tryKubectl("get", "fsn", NODE)).isEmpty();
  }

  @Test
  void theAgentTellsThatTheServiceStops() {
    try (NodeAgent _ = ObedientAgent.begin(account.cluster(), NODE, ObedientAgent.NO_SIGNALS)) {
      Awaitility.await().untilAsserted(() -> assertThat(condition()).startsWith("True Serving"));
    }

    assertThat(condition()).startsWith("False Stopped");
  }

  @Test
  void aServerThatIsAwayIsCaughtUpWith() {
    try (ApiServer server = ApiServer.startWithoutCrds()) {
      server.makeNode(NODE);
      try (Account account = server.account(NODE, Grant.ofAgent(false))) {
        NodeReport report = report(account);
        report.tell(SomeFacts.of());
        assertThat(server.tryKubectl("get", "fsn")).isEmpty();
        server.applyCrds();
        time.pass(BackOff.LAST_RETRY);
        report.tell(SomeFacts.of());
        assertThat(server.kubectl("get", "fsn", NODE, "-o", CONDITION)).startsWith("True");

        server.stopServer();
        time.pass(WritePolicy.BETWEEN);
        report.tell(SomeFacts.notReady("it stands still"));
        server.startServer();
        assertThat(server.kubectl("get", "fsn", NODE, "-o", CONDITION)).startsWith("True");
        time.pass(BackOff.FIRST_RETRY);
        report.tell(SomeFacts.notReady("it stands still"));

        assertThat(server.kubectl("get", "fsn", NODE, "-o", CONDITION)).startsWith("False");
      }
    }
  }
}
