package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers of some nodes at a real API server. */
final class MaintenanceIT {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final String NAMESPACE = "default";

  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> made = new ArrayList<>();
  private ApiServer server = ApiServer.shared();

  @AfterEach
  void tidy() throws Exception {
    for (AutoCloseable resource : opened.reversed()) {
      resource.close();
    }
    if (server == ApiServer.shared()) {
      server.kubectl("delete", "fsm", "--all");
      server.kubectl("delete", "leases", "--all", "--namespace", NAMESPACE);
      for (String node : made) {
        server.kubectl("delete", "--ignore-not-found", "node/" + node);
        if (knowsFuselageNodes()) {
          server.kubectl("delete", "--ignore-not-found", "fsn/" + node);
        }
      }
    }
  }

  private PretendedOperations operations() {
    return new PretendedOperations(underWay, mostUnderWay);
  }

  private void node(String name) {
    server.apply(
        "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {test: maintenance}}}"
            .formatted(name));
    if (knowsFuselageNodes()) {
      server.apply(
          "{apiVersion: fuselage.dev/v1alpha1, kind: FuselageNode, metadata: {name: %s}}"
              .formatted(name));
    }
    made.add(name);
  }

  private boolean knowsFuselageNodes() {
    return server.tryKubectl("get", "crd", "fuselagenodes.fuselage.dev").isPresent();
  }

  private Worker worker(String node, NodeOperations operations) {
    ClusterClient cluster = server.client(ApiServer.ADMIN);
    Worker worker =
        new Worker(cluster.client(), NAMESPACE, node, operations, new Worker.Pace(LOOK, LEASE));
    worker.begin();
    opened.add(cluster);
    opened.add(worker);
    return worker;
  }

  private void maintenance(String name, String spec) {
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageMaintenance
        metadata: {name: %s}
        spec: {%s}
        """
            .formatted(name, spec));
  }

  private void awaitCondition(String name, String condition) {
    server.kubectl("wait", "--for=condition=" + condition, "fsm/" + name, "--timeout=60s");
  }

  private String nodes(String name, String field) {
    return server.kubectl(
        "get", "fsm", name, "-o", "jsonpath={.status.nodes[*].%s}".formatted(field));
  }

  private void awaitNode(String maintenance, String node, String phase) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(
                        server.kubectl(
                            "get",
                            "fsm",
                            maintenance,
                            "-o",
                            "jsonpath={.status.nodes[?(@.name==\"%s\")].phase}".formatted(node)))
                    .isEqualTo(phase));
  }

  @Test
  void nodesTakeTurnsAndKubectlSeesTheEnd() {
    List<PretendedOperations> all = List.of(operations(), operations(), operations());
    for (int i = 0; i < all.size(); i++) {
      node("turn-" + i);
      worker("turn-" + i, all.get(i));
    }

    maintenance(
        "turns", "operations: [Backup, Cleanup], nodeSelector: {matchLabels: {test: maintenance}}");
    awaitCondition("turns", "Complete");

    assertThat(all)
        .allSatisfy(
            node -> assertThat(node.done()).containsExactly(Operation.BACKUP, Operation.CLEANUP));
    assertThat(mostUnderWay).hasValue(1);
    assertThat(nodes("turns", "phase")).isEqualTo("Succeeded Succeeded Succeeded");
    assertThat(server.kubectl("get", "fsm", "turns")).contains("3/3");
  }

  @Test
  void anotherTakesTheTurnOfAKilledAgentWhichBeginsAgainWhereItWas() {
    node("killed");
    node("other");
    PretendedOperations before = operations();
    before.hold(Operation.VERIFY);
    Worker killed = worker("killed", before);
    maintenance("kill", "operations: [Backup, Verify], nodes: [killed, other]");
    awaitNode("kill", "killed", "Running");
    Awaitility.await().until(() -> before.done().contains(Operation.BACKUP));
    Awaitility.await().until(() -> nodes("kill", "results[*].operation").equals("Backup"));
    // It tells nothing and gives nothing back: to the server that is a kill.
    killed.close();

    worker("other", operations());
    awaitNode("kill", "other", "Succeeded");
    PretendedOperations after = operations();
    worker("killed", after);
    awaitCondition("kill", "Complete");

    assertThat(after.done()).containsExactly(Operation.VERIFY);
    assertThat(nodes("kill", "attempts").split(" ")).containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void whatIsUnderWayGoesOnWithoutTheServer() {
    try (ApiServer own = ApiServer.start()) {
      server = own;
      node("alone");
      PretendedOperations operations = operations();
      operations.hold(Operation.VERIFY);
      Worker worker = worker("alone", operations);
      maintenance("outage", "operations: [Verify, Backup], nodes: [alone]");
      awaitNode("outage", "alone", "Running");
      own.stopServer();

      operations.letGo();
      Awaitility.await()
          .until(() -> operations.done().equals(List.of(Operation.VERIFY, Operation.BACKUP)));
      own.startServer();
      awaitCondition("outage", "Complete");

      assertThat(operations.done()).containsExactly(Operation.VERIFY, Operation.BACKUP);
      assertThat(nodes("outage", "attempts")).isEqualTo("1");
      worker.close();
    }
  }

  @Test
  void twoMaintenancesAtOnceAreBothDone() {
    node("both-0");
    node("both-1");
    worker("both-0", operations());
    worker("both-1", operations());

    maintenance("one", "operations: [Verify], nodes: [both-0, both-1], maxConcurrent: 2");
    maintenance("two", "operations: [Compact], nodes: [both-0, both-1]");

    awaitCondition("one", "Complete");
    awaitCondition("two", "Complete");
    assertThat(nodes("one", "phase")).isEqualTo("Succeeded Succeeded");
    assertThat(nodes("two", "phase")).isEqualTo("Succeeded Succeeded");
  }

  @Test
  void aSuspendedOneStopsAndGoesOnLater() {
    node("rests");
    PretendedOperations operations = operations();
    operations.hold(Operation.VERIFY);
    worker("rests", operations);
    maintenance("rest", "operations: [Backup, Verify], nodes: [rests]");
    awaitNode("rest", "rests", "Running");

    server.kubectl("patch", "fsm", "rest", "--type=merge", "-p", "{\"spec\":{\"suspend\":true}}");
    awaitNode("rest", "rests", "Suspended");
    awaitCondition("rest", "Suspended");
    operations.letGo();
    server.kubectl("patch", "fsm", "rest", "--type=merge", "-p", "{\"spec\":{\"suspend\":false}}");
    awaitCondition("rest", "Complete");

    assertThat(operations.done()).containsExactly(Operation.BACKUP, Operation.VERIFY);
  }

  @Test
  void oneThatTakesTooLongFails() {
    node("slow");
    PretendedOperations operations = operations();
    operations.hold(Operation.VERIFY);
    worker("slow", operations);

    maintenance("late", "operations: [Verify], nodes: [slow], deadline: 3s");

    awaitCondition("late", "Failed");
    awaitNode("late", "slow", "Failed");
    assertThat(underWay).hasValue(0);
  }

  /** The schema can't tell of the keys. */
  @Test
  void aSelectorThatIsNoneFailsAndHoldsUpNoOther() {
    node("fine");
    maintenance(
        "bad", "operations: [Backup], nodeSelector: {matchLabels: {\"no such/key/ever\": a}}");
    maintenance("good", "operations: [Backup], nodes: [fine]");
    worker("fine", operations());

    awaitCondition("good", "Complete");
    awaitCondition("bad", "Failed");

    assertThat(server.kubectl("get", "fsm", "bad", "-o", "wide")).contains("nodeSelector is none");
  }

  @Test
  void oneWhoseLastNodeDiedBeforeItJudgedIsJudgedByAnother() {
    node("dead");
    node("alive");
    maintenance("unjudged", "operations: [Backup], nodes: [dead]");
    try (ClusterClient cluster = server.client(ApiServer.ADMIN)) {
      Maintenances maintenances = new Maintenances(cluster.client());
      new Coordinator(maintenances, Clock.systemUTC()).coordinate(maintenances.list());
      Maintenance begun = maintenances.list().getFirst();
      assertThat(
              maintenances.tell(
                  begun,
                  NodeProgress.first("dead", Instant.now())
                      .ended(Phase.SUCCEEDED, "", Instant.now())))
          .isTrue();
    }

    worker("alive", operations());

    awaitCondition("unjudged", "Complete");
  }

  @Test
  void aNodeWithoutFuselageIsNamed() {
    node("there");
    worker("there", operations());

    maintenance("missing", "operations: [Verify], nodes: [there, not-there]");

    awaitCondition("missing", "Failed");
    assertThat(server.kubectl("get", "fsm", "missing", "-o", "wide"))
        .contains("Fuselage does not run on not-there");
  }

  @Test
  void oneThatIsThereBeforeItsNodesWaitsForThem() {
    worker("early", operations());
    maintenance("early", "operations: [Backup], nodeSelector: {matchLabels: {test: maintenance}}");
    awaitCondition("early", "Pending");

    node("early");
    awaitCondition("early", "Complete");

    assertThat(nodes("early", "phase")).isEqualTo("Succeeded");
    assertThat(server.kubectl("get", "fsm", "early", "-o", "jsonpath={.status.conditions[*].type}"))
        .isEqualTo("Complete");
  }

  @Test
  void oneForNobodyFailsAfterAWhile() {
    maintenance("nobody", "operations: [Backup], nodeSelector: {matchLabels: {test: nobody}}");
    try (ClusterClient cluster = server.client(ApiServer.ADMIN)) {
      Maintenances maintenances = new Maintenances(cluster.client());
      new Coordinator(maintenances, Clock.systemUTC()).coordinate(maintenances.list());
      awaitCondition("nobody", "Pending");
      Clock later = Clock.offset(Clock.systemUTC(), Coordinator.GRACE);

      new Coordinator(maintenances, later).coordinate(maintenances.list());

      awaitCondition("nobody", "Failed");
      assertThat(server.kubectl("get", "fsm", "nobody", "-o", "wide"))
          .contains("no node that runs Fuselage is selected");
    }
  }

  @Test
  void oneThatHasFinishedIsDeletedAfterItsTime() {
    node("brief");
    worker("brief", operations());

    maintenance("brief", "operations: [Cleanup], nodes: [brief], ttlSecondsAfterFinished: 1");

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> server.tryKubectl("get", "fsm", "brief").isEmpty());
  }

  @Test
  void aScheduleMakesARunOfItsOwnAndNoSecondBesideIt() {
    node("nightly");
    maintenance("nightly", "operations: [Backup], nodes: [nightly], schedule: '0 0 1 1 *'");
    try (ClusterClient cluster = server.client(ApiServer.ADMIN)) {
      Maintenances maintenances = new Maintenances(cluster.client());
      Clock nextYear = Clock.offset(Clock.system(ZoneOffset.UTC), Duration.ofDays(366));
      Coordinator coordinator = new Coordinator(maintenances, nextYear);

      coordinator.coordinate(maintenances.list());
      coordinator.coordinate(maintenances.list());

      List<Maintenance> runs = maintenances.list().stream().filter(Maintenance::isRun).toList();
      assertThat(runs).hasSize(1);
      // Not before: what it began now would be past its deadline to one who lives in the next year.
      worker("nightly", operations());
      awaitCondition(runs.getFirst().name(), "Complete");
      assertThat(
              server.kubectl(
                  "get",
                  "fsm",
                  runs.getFirst().name(),
                  "-o",
                  "jsonpath={.metadata.ownerReferences[0].name}"))
          .isEqualTo("nightly");
    }
  }

  @Test
  void aScheduleThatMakesNoSenseSaysSoUntilItIsMended() {
    maintenance("odd", "operations: [Backup], nodes: [odd], schedule: '0 0 31 2 *'");
    try (ClusterClient cluster = server.client(ApiServer.ADMIN)) {
      Maintenances maintenances = new Maintenances(cluster.client());
      Coordinator coordinator = new Coordinator(maintenances, Clock.systemUTC());

      coordinator.coordinate(maintenances.list());
      assertThat(failure("odd"))
          .isEqualTo(
              "True InvalidSchedule schedule \"0 0 31 2 *\" makes no run: no time is ever such, as"
                  + " the 31st of February is none");
      String version = version("odd");
      coordinator.coordinate(maintenances.list());
      assertThat(version("odd")).as("it is told once").isEqualTo(version);

      patch("odd", "{\"spec\":{\"timeZone\":\"posixrules\",\"schedule\":\"0 0 1 1 *\"}}");
      coordinator.coordinate(maintenances.list());
      assertThat(failure("odd"))
          .contains("timeZone \"posixrules\" is not known here: write a name");

      patch("odd", "{\"spec\":{\"timeZone\":null}}");
      coordinator.coordinate(maintenances.list());
      assertThat(failure("odd")).isBlank();
    }
  }

  private String failure(String name) {
    String condition = ".status.conditions[?(@.type==\"Failed\")]";
    return server.kubectl(
        "get",
        "fsm",
        name,
        "-o",
        "jsonpath={%1$s.status} {%1$s.reason} {%1$s.message}".formatted(condition));
  }

  private String version(String name) {
    return server.kubectl("get", "fsm", name, "-o", "jsonpath={.metadata.resourceVersion}");
  }

  private void patch(String name, String json) {
    server.kubectl("patch", "fsm", name, "--type=merge", "-p", json);
  }
}
