package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** FuselageMaintenances by {@code kubectl apply}. */
@Tag("e2e")
class NodeMaintenanceIT {
  private static final String MAINTENANCE =
      """
      apiVersion: fuselage.dev/v1alpha1
      kind: FuselageMaintenance
      metadata:
        name: %s
      spec:
        operations: [%s]
        nodeSelector: {matchLabels: {kubernetes.io/os: linux}}
      """;

  /** One that is evicted, and waits for a node afterwards. */
  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: app
      spec:
        selector: {matchLabels: {app: app}}
        template:
          metadata:
            labels: {app: app}
          spec:
            runtimeClassName: fuselage
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              image: %s
              command: [sleep, "86400"]
      """;

  /** What each operation says when it is done. */
  private static final String DONE =
      "deleted \\d+ trees\nlooked at \\d+ snapshots\ncompacted the store\nbackup \\d+ of \\d+ bytes\n";

  private static final String KILL = "kill -KILL $(pgrep -f '[q]uarkus-run.jar serve')";

  /** Longer than a turn is kept for a node that does not answer. */
  private static final Duration AWAY = Duration.ofSeconds(125);

  @ParameterizedTest
  @EnumSource(User.class)
  void eachOperationIsDoneOnABusyNodeAndACordonedOneAndAfterAgentAndServerWereGone(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = Pods.withKeeper(cluster, release, "config.kubernetes.evacuate=true");
      String container = pods.containerId(Pods.KEEPER);

      try (Repetition churn = pods.churn("busy")) {
        // Four at once, which wait for each other.
        List.of("Cleanup", "Verify", "Compact", "Backup")
            .forEach(
                operation ->
                    cluster.apply(
                        MAINTENANCE.formatted(
                            "busy-" + operation.toLowerCase(Locale.ROOT), operation)));
        awaitComplete(cluster, "busy-cleanup", "busy-verify", "busy-compact", "busy-backup");
        assertThat(churn.successes()).isPositive();
      }
      assertThat(
              results(cluster, "busy-cleanup")
                  + results(cluster, "busy-verify")
                  + results(cluster, "busy-compact")
                  + results(cluster, "busy-backup"))
          .matches(DONE);

      var unused = cluster.kubectl("cordon", "-l", "kubernetes.io/os=linux");
      cluster.apply(MAINTENANCE.formatted("cordoned", "Cleanup, Verify, Compact, Backup"));
      awaitComplete(cluster, "cordoned");
      assertThat(results(cluster, "cordoned")).matches(DONE);
      pods.assertUnhurt(Pods.KEEPER, container);
      unused = cluster.kubectl("uncordon", "-l", "kubernetes.io/os=linux");

      evacuateWithInterruptions(cluster, release, pods);
    }
  }

  /** The keeper, which nobody would make anew, holds it up until it is deleted. */
  private static void evacuateWithInterruptions(Cluster cluster, Release release, Pods pods) {
    cluster.apply(DEPLOYMENT.formatted(Pods.IMAGE));
    var unused = cluster.kubectl("rollout", "status", "deployment/app", "--timeout=180s");
    long backups = backups(release);

    cluster.apply(MAINTENANCE.formatted("evacuate", "Backup, Evacuate"));
    awaitHeldUp(cluster, "1");

    unused = cluster.onNode("sh", "-euc", KILL);
    awaitHeldUp(cluster, "2");
    assertThat(release.ofPod("{.items[0].status.containerStatuses[0].restartCount}"))
        .isEqualTo("1");

    cluster.stop("kube-apiserver");
    Awaitility.await().atMost(AWAY.multipliedBy(2)).during(AWAY).until(release::isAnswering);
    cluster.start("kube-apiserver");
    Cluster.await(() -> assertThat(cluster.kubectl("get", "--raw", "/readyz")).isEqualTo("ok"));
    pods.delete(Pods.KEEPER);
    awaitComplete(cluster, "evacuate");

    assertThat(results(cluster, "evacuate"))
        .matches("backup \\d+ of \\d+ bytes\nevicted \\d+ pods, .* the node stays cordoned\n");
    assertThat(of(cluster, "evacuate", "{.attempts}")).isEqualTo("2");
    assertThat(backups(release)).isEqualTo(backups + 1);
    assertThat(cluster.kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}"))
        .isEmpty();
  }

  private static void awaitHeldUp(Cluster cluster, String attempts) {
    Cluster.await(
        () ->
            assertThat(of(cluster, "evacuate", "{.attempts} {.message}"))
                .startsWith(attempts + " 1 pods left; default/keeper has no controller"));
  }

  private static void awaitComplete(Cluster cluster, String... names) {
    for (String name : names) {
      Output wait =
          cluster.tryKubectl("wait", "--for=condition=Complete", "fsm/" + name, "--timeout=180s");
      assertThat(wait.isSuccess())
          .as(() -> wait + cluster.tryKubectl("get", "fsm", name, "-o", "yaml").out())
          .isTrue();
    }
  }

  private static String results(Cluster cluster, String name) {
    return of(cluster, name, "{range .results[*]}{.message}{\"\\n\"}{end}");
  }

  /** Something of the one node's part, by kubectl's path. */
  private static String of(Cluster cluster, String name, String path) {
    return cluster.kubectl(
        "get", "fsm", name, "-o", "jsonpath={range .status.nodes[*]}" + path + "{end}");
  }

  private static long backups(Release release) {
    return release.fuselage("backup", "ls").lines().count();
  }
}
