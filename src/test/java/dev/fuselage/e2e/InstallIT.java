package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From an empty cluster to pods on Fuselage, and back, by Helm. */
class InstallIT {
  private static final String POD = "writer";

  /** The pod among those who hold the disk, with its 50 MB. */
  private static final Pattern ON_PAGE =
      Pattern.compile(
          "\"namespace\":\"default\",\"name\":\"" + POD + "\"[^{}]*\"bytes\":5\\d{7}\\b");

  /** The bits of CHOWN, DAC_OVERRIDE and FOWNER. */
  private static final String CAPABILITIES = "000000000000000b";

  @ParameterizedTest
  @EnumSource(User.class)
  void podsRunOnWhatTheChartInstallsAndTheNodeIsWholeWithoutIt(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = new Pods(cluster);
      NodeTraces traces = new NodeTraces(cluster);

      release.install();
      cluster.awaitDropIn();
      release.test();
      pods.onFuselage(POD, cluster.push("fuselage/test:pulled"));
      pods.awaitReady(POD);

      assertThat(pods.root(POD)).containsPattern(Pods.ON_FUSELAGE);
      assertThat(pods.shell(POD, "/check")).startsWith(Pods.WHOLE);
      assertThat(release.fuselage("ls")).contains(pods.containerId(POD));
      assertContainerIsConfined(cluster);
      assertPodIsNamed(cluster, release, pods);

      assertStaysWhileThatPodRuns(cluster, release, pods);

      pods.delete(POD);
      var unused = release.tryUninstall().succeeded();
      traces.assertNoneLeft();
      cluster.restart("containerd");
      pods.plain("after", cluster.push("fuselage/test:after"));
      pods.awaitReady("after");
      Cluster.awaitAMinute(
          () -> assertThat(traces.handlers()).contains("runc").doesNotContain("fuselage"));

      release.install();
      Cluster.awaitAMinute(
          () -> assertThat(release.condition("ContainerdConfigured")).startsWith("True Complete"));
      assertThat(cluster.hasDropIn()).isTrue();
    }
  }

  private static void assertStaysWhileThatPodRuns(Cluster cluster, Release release, Pods pods) {
    assertThat(cluster.hasDropIn()).isTrue();
    assertThat(new NodeTraces(cluster).labels()).contains("fuselage.dev/ready");

    assertThat(release.tryUninstall().isSuccess()).isFalse();

    assertThat(release.logOf("job/fuselage-uninstall")).contains("default/" + POD + " on ");
    assertThat(release.fuselage("ls")).contains(pods.containerId(POD));
    assertThat(cluster.hasDropIn()).isTrue();
    assertThat(cluster.kubectl("get", "fsn", "-o", "jsonpath={.items[*].metadata.annotations}"))
        .doesNotContain("fuselage.dev/uninstall");
  }

  /** That the process has what the chart gives it, and nothing more. */
  private static void assertContainerIsConfined(Cluster cluster) {
    String status =
        cluster.onNode(
            "sh", "-euc", "cat /proc/$(pgrep -f '[q]uarkus-run.jar serve' | head -n 1)/status");

    assertThat(status)
        .contains("CapEff:\t" + CAPABILITIES, "CapBnd:\t" + CAPABILITIES)
        .contains("CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")
        .containsPattern("Uid:\t0\t");
  }

  private static void assertPodIsNamed(Cluster cluster, Release release, Pods pods) {
    var unused = pods.shell(POD, "dd if=/dev/zero of=/written bs=1M count=50");
    Pattern series =
        Pattern.compile(
            "^fuselage_pod_bytes\\{namespace=\"default\",pod=\"writer\",?} 5[0-9.]+E7$",
            Pattern.MULTILINE);

    Cluster.awaitAMinute(
        () -> {
          assertThat(release.http("metrics")).containsPattern(series);
          assertThat(release.http("api/node.json")).containsPattern(ON_PAGE);
          assertThat(cluster.kubectl("get", "fsn", "-o", "wide")).contains("default/" + POD + " (");
        });
    assertThat(release.fuselage("usage", "--by", "pod")).contains("default\t" + POD);
  }
}
