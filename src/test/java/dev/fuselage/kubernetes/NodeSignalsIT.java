package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.install.Removal;
import dev.fuselage.kubernetes.NodeAgent.Signals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real Node shows, and what is heard from it, with the permissions of the chart. */
final class NodeSignalsIT {
  private static final String NODE = "signalling";
  private static final Signals ALL = new Signals(true, true, true, true, true);

  private static final String CONDITION_TYPE =
      ".status.conditions[?(@.type==\"FuselageReady\")].type";

  private final ApiServer server = ApiServer.shared();
  private final Account account = server.account(NODE, Grant.ofAgent(true));
  private final ClusterClient cluster = account.cluster();
  private final OwnNode node = new OwnNode(cluster.client(), NODE);
  private final PassingTime time = new PassingTime();
  private final List<Boolean> cordons = new CopyOnWriteArrayList<>();

  @BeforeEach
  void makeNode() {
    server.makeNode(NODE);
    Awaitility.await().until(() -> node.look().isPresent());
  }

  @AfterEach
  void removeNode() {
    account.close();
    server.deleteNodes(NODE);
    server.kubectl("delete", "events", "--all");
  }

  private NodeSignals signals(Signals wanted) {
    return new NodeSignals(node, wanted, cordons::add, time::now, time::nanos, () -> 0);
  }

  private NodeEvents events() {
    return new NodeEvents(cluster.client(), NODE, time::now, time::nanos, () -> 0);
  }

  /** Looks again and again, since what the server answers at first may be some moments old. */
  private void show(NodeSignals signals, NodeFacts facts, ThrowingRunnable assertion) {
    Awaitility.await()
        .untilAsserted(
            () -> {
              time.pass(NodeSignals.LOOK_EVERY);
              signals.show(facts);
              assertion.run();
            });
  }

  private String get(String path) {
    return server.kubectl("get", "node", NODE, "-o", "jsonpath={" + path + "}");
  }

  private String label() {
    return get(".metadata.labels.fuselage\\.dev/ready");
  }

  /** Without those by which the server itself marks a Node that no kubelet speaks for. */
  private String taints() {
    return Stream.of(get(".spec.taints[*].key").split(" "))
        .filter(key -> !key.startsWith("node.kubernetes.io/"))
        .collect(Collectors.joining(" "));
  }

  @Test
  void theLabelIsThereOnlyWhileTheKubeletNamesTheHandler() {
    NodeSignals signals = signals(ALL);
    server.setHandlers(NODE, "runc");
    signals.show(SomeFacts.of());
    assertThat(label()).isEmpty();

    server.setHandlers(NODE, "runc", "fuselage");
    show(signals, SomeFacts.of(), () -> assertThat(label()).isEqualTo("true"));

    server.setHandlers(NODE, "runc");
    show(signals, SomeFacts.of(), () -> assertThat(label()).isEmpty());
  }

  /** An administrator may be faster than the kubelet, and no pod could set it again. */
  @Test
  void theBootstrapLabelOutlivesWhatTheNodeDoesNotSayYet() {
    NodeSignals signals = signals(ALL);
    server.setHandlers(NODE, "runc");
    server.kubectl("label", "node", NODE, "fuselage.dev/bootstrap=true");
    Awaitility.await()
        .until(() -> node.look().orElseThrow().labels().containsKey(NodeSignals.BOOTSTRAP_LABEL));

    signals.show(SomeFacts.of());
    time.pass(NodeSignals.BOOTSTRAP_LOST.minusSeconds(1));
    signals.show(SomeFacts.of());
    assertThat(get(".metadata.labels.fuselage\\.dev/bootstrap")).isEqualTo("true");

    show(
        signals,
        SomeFacts.of(),
        () -> assertThat(get(".metadata.labels.fuselage\\.dev/bootstrap")).isEmpty());
  }

  @Test
  void theBootstrapLabelIsSetAsSoonAsTheKubeletNamesTheHandler() {
    NodeSignals signals = signals(ALL);
    server.setHandlers(NODE, "fuselage", "fuselage-bootstrap");

    show(
        signals,
        SomeFacts.of(),
        () -> assertThat(get(".metadata.labels.fuselage\\.dev/bootstrap")).isEqualTo("true"));
  }

  @Test
  void theLabelStaysWhenTheServiceIsNotReadyOrStops() {
    NodeSignals signals = signals(ALL);
    server.setHandlers(NODE, "fuselage");
    show(signals, SomeFacts.of(), () -> assertThat(label()).isEqualTo("true"));

    time.pass(NodeSignals.LOOK_EVERY);
    signals.show(SomeFacts.notReady("it stands still"));
    signals.showLast();

    assertThat(label()).isEqualTo("true");
  }

  @Test
  void whereTheKubeletNamesNoHandlersTheLabelIsTheAdministrators() {
    server.kubectl("label", "node", NODE, "fuselage.dev/ready=true");

    signals(ALL).show(SomeFacts.of());

    assertThat(label()).isEqualTo("true");
  }

  @Test
  void theTaintIsLiftedWhenReadyAndPutBackAtAStopAndLeavesOthersAlone() {
    server.kubectl(
        "taint", "node", NODE, "fuselage.dev/not-ready=:NoSchedule", "other=x:NoExecute");
    NodeSignals signals = signals(ALL);

    show(signals, SomeFacts.of(), () -> assertThat(taints()).isEqualTo("other"));

    signals.showLast();
    assertThat(taints()).isEqualTo("other fuselage.dev/not-ready");
  }

  @Test
  void lowSpaceIsTaintedAndAFlutterOfReadinessIsNot() {
    NodeSignals signals = signals(ALL);
    signals.show(SomeFacts.of());

    time.pass(Duration.ofSeconds(2));
    signals.show(SomeFacts.fullDisk());
    assertThat(taints()).isEmpty();

    time.pass(NodeSignals.SETTLE);
    signals.show(SomeFacts.fullDisk());
    assertThat(taints()).isEqualTo("fuselage.dev/low-space");
  }

  @Test
  void withoutItsSwitchesTheNodeIsLeftAlone() {
    server.setHandlers(NODE, "fuselage");
    String before = get(".metadata.resourceVersion");
    NodeSignals signals = signals(ObedientAgent.NO_SIGNALS);

    signals.show(SomeFacts.notReady("it stands still"));
    signals.showLast();

    assertThat(get(".metadata.resourceVersion")).isEqualTo(before);
  }

  /** An agent whose switch is on taints its Node as it is exchanged for one whose switch is off. */
  @Test
  void whatTheSwitchesLeftGoesWhenTheyAreOff() {
    server.kubectl("taint", "node", NODE, "other=x:NoExecute");
    server.kubectl("label", "node", NODE, "fuselage.dev/ready=true");
    NodeSignals before = signals(ALL);
    show(
        before,
        SomeFacts.fullDisk(),
        () -> assertThat(taints()).contains("fuselage.dev/low-space"));
    before.showLast();
    assertThat(taints()).contains("fuselage.dev/not-ready");

    show(
        signals(ObedientAgent.NO_SIGNALS),
        SomeFacts.notReady("it stands still"),
        () -> {
          assertThat(taints()).isEqualTo("other");
          assertThat(get(CONDITION_TYPE)).isEmpty();
        });
    assertThat(label()).as("pods that select it may be here").isEqualTo("true");
  }

  @Test
  void whatItMayNotTakeAwayHoldsUpNothingElse() {
    NodeSignals before = signals(ALL);
    show(before, SomeFacts.of(), () -> assertThat(get(CONDITION_TYPE)).isNotEmpty());
    before.showLast();
    List<Grant> fewest =
        Grant.ofAgent(false).stream().filter(grant -> !grant.verb().equals("patch")).toList();
    try (Account poor = server.account("poor", fewest)) {
      OwnNode seen = new OwnNode(poor.cluster().client(), NODE);
      Awaitility.await()
          .until(
              () ->
                  seen.look()
                      .filter(
                          view ->
                              view.condition().isPresent()
                                  && view.taints().contains(NodeSignals.NOT_READY))
                      .isPresent());
      NodeSignals signals =
          new NodeSignals(
              seen, ObedientAgent.NO_SIGNALS, cordons::add, time::now, time::nanos, () -> 0);

      signals.show(SomeFacts.of());

      assertThat(signals.hasLooked()).isTrue();
      assertThat(taints()).contains("fuselage.dev/not-ready");
    }
  }

  @Test
  void taintsThatOthersWriteAtTheSameTimeAreNotLost() throws Exception {
    try (ExecutorService writers = Executors.newFixedThreadPool(2)) {
      List<Future<?>> ends = new ArrayList<>();
      for (String writer : List.of("a", "b")) {
        ends.add(
            writers.submit(
                () -> {
                  for (int number = 0; number < 10; number++) {
                    node.taint(writer + number, true);
                  }
                }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }

    assertThat(taints().split(" ")).hasSize(20);
  }

  @Test
  void theConditionKeepsItsTimeAndLeavesOthersAlone() {
    server.kubectl(
        "patch",
        "node",
        NODE,
        "--subresource=status",
        "-p",
        "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
    signals(ALL).show(SomeFacts.of());
    Awaitility.await().until(() -> node.look().flatMap(OwnNode.View::condition).isPresent());
    time.pass(Duration.ofHours(1));

    signals(ALL).show(SomeFacts.of());

    String ours = ".status.conditions[?(@.type==\"FuselageReady\")]";
    assertThat(get(ours + ".status")).isEqualTo("True");
    assertThat(get(ours + ".lastTransitionTime")).isEqualTo("2026-03-01T12:00:00Z");
    assertThat(get(ours + ".lastHeartbeatTime")).isEqualTo("2026-03-01T13:00:00Z");
    assertThat(get(".status.conditions[?(@.type==\"Ready\")].status")).isEqualTo("True");
  }

  @Test
  void aCordonIsHeardAndItsEndToo() {
    NodeSignals signals = signals(ALL);
    server.kubectl("cordon", NODE);
    show(signals, SomeFacts.of(), () -> assertThat(cordons).containsExactly(true));

    server.kubectl("uncordon", NODE);

    show(signals, SomeFacts.of(), () -> assertThat(cordons).containsExactly(true, false));
  }

  @Test
  void changesOfTheNodeAreEventsAndTheSameAgainIsCounted() {
    NodeEvents events = events();
    for (int round = 0; round < 2; round++) {
      events.tell(SomeFacts.of());
      events.tell(SomeFacts.notReady("it stands still"));
      time.pass(Duration.ofMinutes(1));
    }
    events.tell(SomeFacts.notReady("it stands still"));

    assertThat(
            server.kubectl(
                "get",
                "events",
                "--field-selector=involvedObject.name=" + NODE,
                "--sort-by=.reason",
                "-o",
                "jsonpath={range .items[*]}{.type} {.reason} {.count} {.message}{\"\\n\"}{end}"))
        .isEqualTo(
            """
            Warning FuselageNotReady 2 Fuselage is not ready: it stands still
            Normal FuselageReady 2 Fuselage is ready: it serves
            """);
    assertThat(server.kubectl("describe", "node", NODE)).contains("FuselageNotReady");
  }

  @Test
  void aPodThatTakesTooMuchIsToldOnceUntilItDoesNot() {
    NodeEvents events = events();
    events.tell(SomeFacts.overLimit("default", "hungry", "uid-1"));
    events.tell(SomeFacts.overLimit("default", "hungry", "uid-1"));

    assertThat(
            server.kubectl(
                "get",
                "events",
                "--field-selector=involvedObject.uid=uid-1",
                "-o",
                "jsonpath={range .items[*]}{.involvedObject.name} {.reason} {.count} {.message}{end}"))
        .isEqualTo(
            "hungry FuselageOverLimit 1 a container of this pod wrote more than its limit of 10.0Mi;"
                + " nothing is refused for it");
  }

  @Test
  void whoAsksForItGetsTheNodeAsItWasOnceNothingIsInTheWay() {
    FuselageNodes nodes = new FuselageNodes(cluster.client(), NODE);
    NodeReport report = new NodeReport(nodes, new WritePolicy(() -> 0), time::now, time::nanos);
    report.tell(SomeFacts.of());
    server.setHandlers(NODE, "fuselage");
    NodeSignals signals = signals(ALL);
    show(signals, SomeFacts.fullDisk(), () -> assertThat(label()).isEqualTo("true"));
    List<String> asked = new ArrayList<>();
    AtomicReference<Removal> answer =
        new AtomicReference<>(new Removal.Refused("ActiveSnapshots", "2 are left"));
    Uninstall uninstall =
        new Uninstall(
            nodes,
            signals,
            new NodeAgent.Hooks(
                cordons::add,
                (live, forced) -> {
                  asked.add("live=%s forced=%s".formatted(live, forced));
                  return answer.get();
                },
                stays -> asked.add(stays ? "stay" : "left")),
            time::nanos,
            () -> 0);

    uninstall.look();
    assertThat(asked).containsExactly("stay");
    server.kubectl("annotate", "fsn", NODE, "fuselage.dev/uninstall=requested");
    time.pass(Uninstall.LOOK_EVERY);
    uninstall.look();

    assertThat(asked).containsExactly("stay", "live=true forced=false");
    assertThat(uninstall.isStaying()).isTrue();
    assertThat(uninstall.among(SetupConditions.of(SomeFacts.of().setup(), Set.of())))
        .extracting(Condition::reason)
        .containsExactly("ActiveSnapshots", "NotTold");

    server.kubectl("annotate", "fsn", NODE, "fuselage.dev/uninstall-");
    time.pass(Uninstall.LOOK_EVERY);
    uninstall.look();
    assertThat(asked).last().isEqualTo("stay");

    server.setHandlers(NODE, "runc");
    show(signals, SomeFacts.fullDisk(), () -> assertThat(label()).isEmpty());
    server.kubectl("annotate", "fsn", NODE, "fuselage.dev/uninstall=forced");
    answer.set(new Removal.Gone());
    time.pass(Uninstall.LOOK_EVERY);
    uninstall.look();

    assertThat(asked).last().isEqualTo("live=false forced=true");
    assertThat(uninstall.isStaying()).isFalse();
    assertThat(mark()).isEqualTo("done");
    assertThatNothingIsOnTheNode();
  }

  private String mark() {
    return server.kubectl(
        "get", "fsn", NODE, "-o", "jsonpath={.metadata.annotations.fuselage\\.dev/uninstall}");
  }

  private void assertThatNothingIsOnTheNode() {
    assertThat(label()).isEmpty();
    assertThat(get(".metadata.labels.fuselage\\.dev/bootstrap")).isEmpty();
    assertThat(taints()).isEmpty();
    assertThat(get(CONDITION_TYPE)).isEmpty();
  }

  @Test
  void anAgentThatStartsOnANodeThatWasLeftInstallsNothingAndSaysSo() {
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageNode
        metadata: {name: %s, annotations: {fuselage.dev/uninstall: done}}
        """
            .formatted(NODE));
    server.setHandlers(NODE, "fuselage", "fuselage-bootstrap");
    AtomicReference<String> told = new AtomicReference<>("");
    try (NodeAgent _ = agent(told)) {
      Awaitility.await()
          .untilAsserted(() -> assertThat(configured()).contains("False Left").contains("take"));
      server.kubectl("cordon", NODE);
      Awaitility.await()
          .atMost(NodeSignals.LOOK_EVERY.multipliedBy(2))
          .untilAsserted(() -> assertThat(cordons).containsExactly(true));
    }

    assertThat(told).hasValue("left");
    assertThat(mark()).isEqualTo("done");
    assertThatNothingIsOnTheNode();
  }

  @Test
  void aNodeThatWasLeftIsItsOwnAgainWhenTheMarkIsTakenOff() {
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageNode
        metadata: {name: %s, annotations: {fuselage.dev/uninstall: done}}
        """
            .formatted(NODE));
    server.setHandlers(NODE, "fuselage");
    AtomicReference<String> told = new AtomicReference<>("");
    try (NodeAgent _ = agent(told)) {
      Awaitility.await().untilAsserted(() -> assertThat(told).hasValue("left"));

      server.kubectl("annotate", "fsn", NODE, "fuselage.dev/uninstall-");

      Awaitility.await()
          .atMost(NodeSignals.LOOK_EVERY.multipliedBy(3))
          .untilAsserted(
              () -> {
                assertThat(told).hasValue("stay");
                assertThat(label()).isEqualTo("true");
                assertThat(configured()).startsWith("True Complete");
              });
    }
  }

  /** One that has only just gone must not leave a moment in which another puts things back. */
  @Test
  void whatAnAgentDidBeforeItCouldMarkItTheNextOneDoesNotUndo() {
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageNode
        metadata: {name: %s, annotations: {fuselage.dev/uninstall: requested}}
        """
            .formatted(NODE));
    server.setHandlers(NODE, "fuselage");
    AtomicReference<String> told = new AtomicReference<>("nothing");
    try (NodeAgent _ = agent(told)) {
      Awaitility.await().untilAsserted(() -> assertThat(mark()).isEqualTo("done"));
      assertThat(told).as("nobody was told to install anything").hasValue("nothing");
      assertThatNothingIsOnTheNode();
    }
  }

  private NodeAgent agent(AtomicReference<String> told) {
    return NodeAgent.begin(
        cluster,
        NODE,
        ALL,
        SomeFacts::of,
        new NodeAgent.Hooks(
            cordons::add,
            (_, _) -> new Removal.Gone(),
            stays -> told.set(stays ? "stay" : "left")));
  }

  private String configured() {
    return server.kubectl(
        "get",
        "fsn",
        NODE,
        "-o",
        "jsonpath={range .status.conditions[?(@.type==\"ContainerdConfigured\")]}{.status}"
            + " {.reason} {.message}{end}");
  }

  @Test
  void theAgentDoesAllOfIt() {
    server.setHandlers(NODE, "fuselage");
    server.kubectl("cordon", NODE);
    try (NodeAgent _ = ObedientAgent.begin(cluster, NODE, ALL)) {
      Awaitility.await()
          .untilAsserted(
              () -> {
                assertThat(label()).isEqualTo("true");
                assertThat(server.kubectl("get", "fsn", NODE)).contains("True");
                assertThat(server.kubectl("get", "events")).contains("FuselageReady");
              });
    }

    assertThat(taints()).contains("fuselage.dev/not-ready");
  }
}
