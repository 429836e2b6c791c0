package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
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

  private static final String ROOT = "/var/lib/fuselage/";

  /** Fills a snapshot with 40,000 files in 200 directories, and prints its number. */
  private static final String FILL =
      """
      fuselage() { ctr snapshots --snapshotter fuselage "$@"; }
      fuselage prepare holder >/dev/null
      fs=$(fuselage mounts /target holder | grep -o '/var/lib/fuselage/snapshots/[0-9]*/fs')
      for directory in $(seq 200); do
        mkdir "$fs/$directory"
        seq -f "$fs/$directory/%g" 200 | xargs touch
      done
      fuselage rm holder >/dev/null
      # containerd removes it when it next collects garbage, which may be long; this has it do so now.
      ctr leases delete --sync "$(ctr leases create)" >/dev/null
      basename "$(dirname "$fs")"
      """;

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

  @ParameterizedTest
  @EnumSource(User.class)
  void eachOperationIsDoneThoughTheAgentIsKilledInTheMiddleOfIt(User user) throws Exception {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      // What fills the trash stays there until a maintenance asks for it: the Cleanup that ends
      // each of containerd's collections does not wait. And a verification takes its time.
      Pods pods =
          Pods.withKeeper(
              cluster,
              release,
              "config.reaper.entries-per-second=1",
              "config.reaper.full-speed-below=0",
              "config.reaper.cleanup-limit=0s",
              "config.verify.entries-per-second=4");
      String container = pods.containerId(Pods.KEEPER);

      Path tree = cluster.outside(ROOT + "trash/" + cluster.onNode("sh", "-euc", FILL).strip());
      assertThat(tree).isDirectory();
      killAtFirstChange(cluster, "Cleanup", tree.resolve("fs"));
      assertThat(tree.resolve("fs")).isNotEmptyDirectory();
      awaitDoneAtSecondAttempt(cluster, release, "Cleanup", "deleted [1-9]\\d* trees");
      assertThat(tree).doesNotExist();

      apply(cluster, "Verify");
      Cluster.await(
          () ->
              assertThat(of(cluster, "killed-verify", "{.operation} {.message}"))
                  .matches("Verify \\d+ of \\d+ snapshots"));
      kill(cluster, cluster.agent(), "Verify");
      awaitDoneAtSecondAttempt(cluster, release, "Verify", "looked at \\d+ snapshots");

      killAtFirstChange(cluster, "Compact", cluster.outside(ROOT + "store"));
      awaitDoneAtSecondAttempt(cluster, release, "Compact", "compacted the store");

      var unused = release.fuselage("backup", "create");
      int backups = backups(release);
      Path parts = cluster.outside(ROOT + "backups/private");
      killAtFirstChange(cluster, "Backup", parts);
      awaitDoneAtSecondAttempt(cluster, release, "Backup", "backup \\d+ of \\d+ bytes");
      assertThat(backups(release)).isEqualTo(backups + 1);
      assertThat(parts.toFile().list()).as("nothing of the one cut short").hasSize(backups + 1);
      String id = results(cluster, killed("Backup")).split(" ", 3)[1];
      unused = release.fuselage("backup", "verify", id);

      pods.assertUnhurt(Pods.KEEPER, container);
    }
  }

  private static void apply(Cluster cluster, String operation) {
    cluster.apply(MAINTENANCE.formatted(killed(operation), operation));
  }

  private static String killed(String operation) {
    return "killed-" + operation.toLowerCase(Locale.ROOT);
  }

  /** Of those which nothing but the operation makes there. */
  private static void killAtFirstChange(Cluster cluster, String operation, Path directory)
      throws IOException, InterruptedException {
    ProcessHandle agent = cluster.agent();
    try (WatchService changes = FileSystems.getDefault().newWatchService()) {
      var unused =
          directory.register(
              changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
      apply(cluster, operation);
      assertThat(changes.poll(60, TimeUnit.SECONDS))
          .as("%s in %s", operation, directory)
          .isNotNull();
      kill(cluster, agent, operation);
    }
  }

  /** As the kernel does when memory is short. */
  private static void kill(Cluster cluster, ProcessHandle agent, String operation) {
    assertThat(agent.destroyForcibly()).isTrue();
    assertThat(of(cluster, killed(operation), "{.phase} {.attempts}")).isEqualTo("Running 1");
    assertThat(results(cluster, killed(operation))).isEmpty();
  }

  private static void awaitDoneAtSecondAttempt(
      Cluster cluster, Release release, String operation, String done) {
    awaitComplete(cluster, killed(operation));
    String end = "name=%s operation=%s ".formatted(killed(operation), operation);
    assertThat(release.logBeforeRestart()).as("killed in the middle").doesNotContain(end);
    assertThat(release.logOfPod()).contains(end);
    assertThat(results(cluster, killed(operation))).matches(done + "\n");
    assertThat(of(cluster, killed(operation), "{.attempts}")).isEqualTo("2");
  }

  /** The keeper, which nobody would make anew, holds it up until it is deleted. */
  private static void evacuateWithInterruptions(Cluster cluster, Release release, Pods pods) {
    cluster.apply(DEPLOYMENT.formatted(Pods.IMAGE));
    var unused = cluster.kubectl("rollout", "status", "deployment/app", "--timeout=180s");
    int backups = backups(release);

    cluster.apply(MAINTENANCE.formatted("evacuate", "Backup, Evacuate"));
    awaitHeldUp(cluster, "1");

    assertThat(cluster.agent().destroyForcibly()).isTrue();
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

  /** How many there are; the first line is of headings. */
  private static int backups(Release release) {
    return Math.toIntExact(release.fuselage("backup", "ls").lines().skip(1).count());
  }
}
