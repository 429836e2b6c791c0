package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import dev.fuselage.install.Removal;
import dev.fuselage.kubernetes.Account;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.Grant;
import dev.fuselage.kubernetes.NodeAgent;
import dev.fuselage.kubernetes.SomeFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Off a real API server, with no more than the permissions of the chart's hook. */
class UninstallCommandIT {
  private static final String HOOK = "departing";
  private static final String NODE = "departing";
  private static final String OTHER = "departing-too";

  private final ApiServer server = ApiServer.shared();
  private final Account hook = server.account(HOOK, Grant.ofUninstallHook(true));

  @BeforeEach
  void forgetNodesOfOthers() {
    server.kubectl("delete", "fsn", "--all");
  }

  @AfterEach
  void remove() {
    hook.close();
    server.kubectl("delete", "ds", "--all", "-n", HOOK);
    server.kubectl("delete", "pods", "--all", "--force", "--grace-period=0");
    server.kubectl("delete", "--ignore-not-found", "runtimeclass/fuselage");
    server.deleteNodes(NODE, OTHER);
    server.kubectl("delete", "fsn", "--all");
  }

  private Result uninstall(String... options) {
    String[] line = new String[options.length + 3];
    line[0] = "uninstall";
    line[1] = "--kubeconfig";
    line[2] = hook.kubeconfig().toString();
    System.arraycopy(options, 0, line, 3, options.length);
    return Shell.script(new FakeSnapshotter())
        .with("FUSELAGE_KUBERNETES_NAMESPACE", HOOK)
        .run(line);
  }

  private void report(String node, String conditions) {
    report(node, conditions, Instant.now());
  }

  private void report(String node, String conditions, Instant at) {
    server.apply(
        "{apiVersion: fuselage.dev/v1alpha1, kind: FuselageNode, metadata: {name: %s}}"
            .formatted(node));
    server.patchStatus(
        "fsn/" + node, "{\"lastReport\":\"%s\",\"conditions\":[%s]}".formatted(at, conditions));
  }

  private static String condition(String type, String status, String reason, String message) {
    return "{\"type\":\"%s\",\"status\":\"%s\",\"reason\":\"%s\",\"message\":\"%s\","
            .formatted(type, status, reason, message)
        + "\"lastTransitionTime\":\"2026-03-01T12:00:00Z\"}";
  }

  private String asked(String node) {
    return server.kubectl(
        "get", "fsn", node, "-o", "jsonpath={.metadata.annotations.fuselage\\.dev/uninstall}");
  }

  private void pod(String name, String spec) {
    server.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: default}
        spec: {%s, containers: [{name: one, image: one}]}
        """
            .formatted(name, spec));
  }

  private void runtimeClass() {
    server.apply(
        "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: fuselage}, handler:"
            + " fuselage}");
  }

  @Test
  void waitsUntilTheAgentHasTakenEverythingAway() {
    server.makeNode(NODE);
    AtomicReference<Boolean> forced = new AtomicReference<>();
    try (ClusterClient cluster = server.client(ApiServer.ADMIN);
        NodeAgent _ =
            NodeAgent.begin(
                cluster,
                NODE,
                new NodeAgent.Signals(true, true, true, true, false),
                SomeFacts::of,
                new NodeAgent.Hooks(
                    _ -> {},
                    (_, force) -> {
                      forced.set(force);
                      return new Removal.Gone();
                    },
                    _ -> {}))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> server.tryKubectl("get", "fsn", NODE).isPresent());

      Result result = uninstall("--wait=60s");

      assertThat(result.exitCode()).as(result::err).isZero();
      assertThat(result.out())
          .contains("1 nodes are asked to let go of Fuselage", NODE + " is free of Fuselage");
      assertThat(forced).hasValue(false);
      assertThat(asked(NODE)).isEqualTo("done");
      assertThat(uninstall("--wait=1s").out()).contains("0 nodes are asked");
      assertThat(asked(NODE)).as("who has let go is not asked again").isEqualTo("done");
    }
  }

  private void agents(String daemonSet) {
    server.apply(
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: %1$s, namespace: %2$s}
        spec:
          selector: {matchLabels: {app: %1$s}}
          template:
            metadata: {labels: {app: %1$s}}
            spec: {containers: [{name: one, image: one}]}
        """
            .formatted(daemonSet, HOOK));
  }

  private void agentPod(String daemonSet) {
    String uid =
        server.kubectl("get", "ds", "-n", HOOK, daemonSet, "-o", "jsonpath={.metadata.uid}");
    server.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %1$s-x
          namespace: %2$s
          ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: %1$s, uid: %3$s}]
        spec: {nodeName: %4$s, containers: [{name: one, image: one}]}
        """
            .formatted(daemonSet, HOOK, uid, NODE));
  }

  private void let(String node, String mark) {
    report(node, "");
    server.kubectl("annotate", "--overwrite", "fsn", node, "fuselage.dev/uninstall=" + mark);
  }

  @Test
  void onceEveryNodeHasLetGoItEndsTheAgentsAndForgetsTheNodes() throws Exception {
    let(NODE, "done");
    agents("agents");
    agents("agents-bootstrap");
    agents("others");
    agentPod("agents");
    try (ExecutorService one = Executors.newSingleThreadExecutor()) {
      Future<Result> result =
          one.submit(
              () -> uninstall("--wait=1s", "--daemonset=agents", "--daemonset=agents-bootstrap"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(server.kubectl("get", "ds", "-n", HOOK, "-o", "name"))
                      .isEqualTo("daemonset.apps/others\n"));
      assertThat(asked(NODE)).as("while an agent runs its node is marked").isEqualTo("done");
      assertThat(result).isNotDone();

      // As the garbage collector and the kubelet do it.
      server.kubectl("delete", "pod", "-n", HOOK, "agents-x", "--force", "--grace-period=0");

      assertThat(result.get().exitCode()).as(() -> result.resultNow().err()).isZero();
    }
    assertThat(server.tryKubectl("get", "fsn", NODE)).isEmpty();
    assertThat(uninstall("--wait=1s", "--daemonset=agents").exitCode())
        .as("again, with nothing left to do")
        .isZero();
  }

  @Test
  void agentsStayWhileANodeHasNotLetGo() {
    let(NODE, "done");
    report(OTHER, "");
    agents("agents");

    assertThat(uninstall("--wait=1s", "--daemonset=agents").exitCode())
        .isEqualTo(ExitCode.FAILED.code());

    assertThat(server.kubectl("get", "ds", "-n", HOOK, "-o", "name")).contains("/agents\n");
    assertThat(asked(NODE)).isEqualTo("done");
    assertThat(asked(OTHER)).isEqualTo("requested");
  }

  @Test
  void namesEachNodeThatDoesNotLetGoWithItsReason() {
    report(
        NODE,
        condition("ContainerdConfigured", "False", "Leaving", "new pods get the one of before")
            + ","
            + condition("RestartDue", "True", "Leaving", "start containerd again"));
    report(
        OTHER,
        condition("ContainerdConfigured", "False", "NamedElsewhere", "config.toml names us"));
    report("offline", "", Instant.parse("2026-03-01T12:00:00Z"));
    report("silent", condition("ContainerdConfigured", "True", "Complete", "all is written"));

    Result result = uninstall("--wait=1s");

    assertThat(result.exitCode()).isEqualTo(ExitCode.FAILED.code());
    assertThat(result.out())
        .contains(NODE + ": Leaving: new pods get the one of before; start containerd again")
        .contains(OTHER + ": NamedElsewhere: config.toml names us")
        .contains("offline: no agent has spoken for it since 2026-03-01T12:00:00Z")
        .contains("silent: its agent has not answered yet");
    assertThat(result.err())
        .contains("4 nodes still have Fuselage")
        .contains(NODE, OTHER, "offline", "silent")
        .contains("helm uninstall --no-hooks");
    assertThat(asked(NODE)).isEqualTo("requested");
    assertThat(asked("silent")).isEqualTo("requested");
  }

  @Test
  void asksNobodyWhilePodsOfTheRuntimeClassRunUnlessForced() {
    runtimeClass();
    pod("needy", "runtimeClassName: fuselage");
    report(NODE, "");

    Result refused = uninstall("--wait=1s");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED.code());
    assertThat(refused.out()).contains("default/needy");
    assertThat(refused.err()).contains("1 pods run on Fuselage");
    assertThat(asked(NODE)).isEmpty();

    assertThat(uninstall("--wait=1s", "--force").out()).contains("default/needy", NODE + ": ");
    assertThat(asked(NODE)).isEqualTo("forced");

    uninstall("--wait=1s", "--force");
    server.kubectl("delete", "pod", "needy", "--force", "--grace-period=0");
    uninstall("--wait=1s");
    assertThat(asked(NODE)).as("nobody takes force back").isEqualTo("forced");
  }

  @Test
  void aNodeOfTheDefaultSnapshotterLooksAfterItsPodsItself() {
    for (String node : new String[] {NODE, OTHER}) {
      server.apply(
          "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {fuselage.dev/bootstrap: 'true'}}}"
              .formatted(node));
    }
    pod("plain", "nodeName: " + NODE);
    report(NODE, "");

    assertThat(uninstall("--dry-run").out()).isEqualTo("default/plain on " + NODE + "\n");
    assertThat(asked(NODE)).isEmpty();

    assertThat(uninstall("--wait=1s").out()).doesNotContain("default/plain");
    assertThat(asked(NODE)).isEqualTo("requested");

    pod("without-agent", "nodeName: " + OTHER);
    Result refused = uninstall("--wait=1s");
    assertThat(refused.out()).contains("default/without-agent").doesNotContain("default/plain");
  }

  @Test
  void aClusterWithoutFuselageNodesIsFreeOfIt() {
    Result result = uninstall("--wait=1s");

    assertThat(result.exitCode()).as(result::err).isZero();
    assertThat(result.out()).contains("0 nodes are asked");
  }
}
