package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a release goes where pods still need it. */
@Tag("e2e")
class UninstallIT {
  private static final String POD = "writer";
  private static final String AFTER = "after";
  private static final String HOLDER = "holder";

  /** What a pod runs, as pgrep finds it and not itself. */
  private static final String RUNNING = "[s]leep 86400";

  /**
   * The containers of containerd that have Fuselage as their snapshotter, as the docs find them.
   */
  private static final String RECORDS =
      """
      for id in $(ctr -n k8s.io containers ls -q); do
        if ctr -n k8s.io containers info $id | grep -q '"Snapshotter": "fuselage"'; then
          %s
        fi
      done
      """;

  @ParameterizedTest
  @EnumSource(User.class)
  void theDefaultSnapshotterGoesInTwoStepsWithARestartOfContainerdBetween(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = new Pods(cluster);
      NodeTraces traces = new NodeTraces(cluster);
      release.install(
          "hostNetwork=true",
          "config.containerd.install=default-snapshotter",
          "config.kubernetes.taint=true",
          "config.kubernetes.node-condition=true",
          "uninstall.waitSeconds=60");
      cluster.awaitDropIn();
      release.awaitOne("bootstrap");
      String image = cluster.push("fuselage/test:pulled");
      pods.plain(POD, image);
      pods.awaitReady(POD);
      assertThat(pods.root(POD)).containsPattern(Pods.ON_FUSELAGE);
      String container = pods.containerId(POD);

      assertThat(release.tryUninstall().isSuccess()).isFalse();

      assertThat(release.logOf("job/fuselage-uninstall"))
          .contains("Leaving: new pods get the snapshotter of before")
          .contains("drain the node and start containerd again");
      assertThat(cluster.dropIn())
          .contains("[proxy_plugins.fuselage]")
          .doesNotContain("snapshotter = \"fuselage\"");
      assertThat(traces.nodes()).isNotEmpty();
      pods.assertUnhurt(POD, container);

      drain(cluster);
      ctr(cluster, "prepare", HOLDER);
      cluster.restart("containerd");
      assertItsPodCanBeStartedAgain(release);
      ctr(cluster, "rm", HOLDER);
      collect(cluster);
      assertTheNodeStaysFreeOfIt(cluster, release, traces);

      var unused = release.tryUninstall().succeeded();
      traces.assertNoneLeft();
      cluster.restart("containerd");
      uncordon(cluster);
      assertPodsRunWithoutIt(cluster, pods, traces);
    }
  }

  /** Of a snapshot that keeps the second step from being done. */
  private static void ctr(Cluster cluster, String command, String snapshot) {
    var unused =
        cluster.onNode(
            "ctr", "-n", "k8s.io", "snapshots", "--snapshotter", "fuselage", command, snapshot);
  }

  /** On a node where so little happens containerd may not free it for minutes. */
  private static void collect(Cluster cluster) {
    var unused = cluster.onNode("sh", "-euc", "ctr leases delete --sync \"$(ctr leases create)\"");
  }

  private static void assertItsPodCanBeStartedAgain(Release release) {
    Cluster.await(
        () -> assertThat(release.condition("ContainerdConfigured")).contains("ActiveSnapshots"));
    release.deletePod();
    release.awaitOne("bootstrap");
  }

  /** Though without the label it has a pod of the other DaemonSet, whose agent is a new one. */
  private static void assertTheNodeStaysFreeOfIt(
      Cluster cluster, Release release, NodeTraces traces) {
    release.awaitOne("node");
    Cluster.await(
        () -> {
          assertThat(release.log()).contains("this node was left before");
          assertThat(release.condition("ContainerdConfigured")).startsWith("False Left");
        });
    assertThat(cluster.hasDropIn()).isFalse();
    assertThat(traces.labels()).isNotEmpty().doesNotContain("fuselage.dev");
    assertThat(traces.nodes()).isNotEmpty();
  }

  private static void drain(Cluster cluster) {
    var unused =
        cluster.kubectl(
            "drain",
            "--selector=kubernetes.io/os=linux",
            "--ignore-daemonsets",
            "--delete-emptydir-data",
            "--force",
            "--timeout=120s");
  }

  private static void uncordon(Cluster cluster) {
    var unused = cluster.kubectl("uncordon", "--selector=kubernetes.io/os=linux");
  }

  @ParameterizedTest
  @EnumSource(User.class)
  void byForceItGoesInSpiteOfAPodWhichRunsOn(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      NodeTraces traces = new NodeTraces(cluster);
      Pods pods =
          Pods.withKeeper(
              cluster,
              release,
              "config.kubernetes.taint=true",
              "config.kubernetes.node-condition=true");
      String container = pods.containerId(Pods.KEEPER);

      release.upgrade("uninstall.force=true");
      var unused = release.tryUninstall().succeeded();

      traces.assertNoneLeft();
      pods.assertUnhurt(Pods.KEEPER, container);
      cluster.restart("containerd");
      // Nobody can enter it any more, for want of its handler.
      assertThat(cluster.tryOnNode("pgrep", "-f", RUNNING).isSuccess()).isTrue();
      assertThat(pods.restarts(Pods.KEEPER)).isZero();

      pods.delete(Pods.KEEPER);
      Cluster.awaitAMinute(
          () -> assertThat(cluster.tryOnNode("pgrep", "-f", RUNNING).isSuccess()).isFalse());
      assertThat(forRecords(cluster, "echo $id")).contains(container);
      String removed = forRecords(cluster, "ctr -n k8s.io containers rm --keep-snapshot $id");
      assertThat(forRecords(cluster, "echo $id")).as(removed).isEmpty();
      assertPodsRunWithoutIt(cluster, pods, traces);
    }
  }

  private static String forRecords(Cluster cluster, String command) {
    return cluster.onNode("sh", "-euc", RECORDS.formatted(command));
  }

  private static void assertPodsRunWithoutIt(Cluster cluster, Pods pods, NodeTraces traces) {
    pods.plain(AFTER, cluster.push("fuselage/test:after"));
    pods.awaitReady(AFTER);
    assertThat(pods.root(AFTER)).doesNotContainPattern(Pods.ON_FUSELAGE);
    assertThat(pods.shell(AFTER, "/check")).startsWith(Pods.WHOLE);
    Cluster.awaitAMinute(
        () -> assertThat(traces.handlers()).contains("runc").doesNotContain("fuselage"));
    assertThat(cluster.onNode("cat", "/proc/mounts")).doesNotContain("/var/lib/fuselage");
  }
}
