package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From an empty cluster to pods on Fuselage, and back, by Helm. */
class InstallIT {
  private static final String POD = "writer";

  /** The bits of CHOWN, DAC_OVERRIDE and FOWNER. */
  private static final String CAPABILITIES = "000000000000000b";

  @ParameterizedTest
  @EnumSource(User.class)
  void podsRunOnWhatTheChartInstallsAndTheNodeIsWholeWithoutIt(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = new Pods(cluster);

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

      assertThat(release.tryUninstall().isSuccess()).isFalse();
      assertThat(release.logOf("job/fuselage-uninstall")).contains("default/" + POD + " on ");
      assertThat(release.fuselage("ls")).contains(pods.containerId(POD));

      pods.delete(POD);
      var unused = release.tryUninstall().succeeded();
      // What it has written to containerd's configuration stays, and hurts nobody, ...
      cluster.restart("containerd");
      pods.plain("after", cluster.push("fuselage/test:after"));
      pods.awaitReady("after");
      // ... nor does its end.
      pods.delete("after");
      cluster.unwire();
      pods.plain("after", cluster.push("fuselage/test:after"));
      pods.awaitReady("after");
    }
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

    Cluster.awaitAMinute(() -> assertThat(release.metrics()).containsPattern(series));
    assertThat(release.fuselage("usage", "--by", "pod")).contains("default\t" + POD);
  }
}
