package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every pod of a node on Fuselage, which is itself a pod of it. */
class DefaultSnapshotterIT {
  private static final String OTHER = "without-kubelet";
  private static final String POD = "writer";
  private static final String DEFAULT = "config.containerd.install=default-snapshotter";

  @ParameterizedTest
  @EnumSource(User.class)
  void afterARebootWithoutARegistryItsOwnPodComesBackAndThenTheOthers(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = new Pods(cluster);
      release.install("hostNetwork=true", DEFAULT);
      cluster.awaitDropIn();
      // The agent labels the node as soon as the kubelet names the handler.
      release.awaitOne("bootstrap");

      pods.plain(POD, cluster.push("fuselage/test:pulled"));
      pods.awaitReady(POD);
      assertThat(pods.root(POD)).containsPattern(Pods.ON_FUSELAGE);
      Cluster.await(() -> assertThat(cluster.images()).contains("fuselage/test:pulled"));
      String images = cluster.images();

      cluster.powerOff();
      cluster.powerOnWithoutRegistry();

      release.await(() -> assertThat(pods.restarts(POD)).isPositive());
      pods.awaitReady(POD);
      assertThat(pods.root(POD)).containsPattern(Pods.ON_FUSELAGE);
      assertThat(pods.shell(POD, "/check")).startsWith(Pods.WHOLE);
      assertThat(release.fuselage("ls")).contains(pods.containerId(POD));
      Cluster.await(() -> assertThat(cluster.images()).isEqualTo(images));
    }
  }

  @Test
  void helmWaitsForNoPodsOfNodesThatHaveNoLabelYet() {
    Release.needImage();
    try (Cluster cluster = Cluster.up(User.ROOT)) {
      Release release = new Release(cluster);
      // With one node alone Helm takes the one missing pod for an update.
      cluster.apply(
          "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {kubernetes.io/os: linux}}}"
              .formatted(OTHER));

      release.installAsHelmWaits("hostNetwork=true", DEFAULT);

      assertThat(release.ofPods("bootstrap", "{.items[*].metadata.name}")).isEmpty();
      assertThat(release.ofPods("node", "{.items[*].metadata.name}").split(" ")).hasSize(2);
      var unused = cluster.kubectl("delete", "node", OTHER);
      cluster.awaitDropIn();
      release.awaitOne("bootstrap");
    }
  }
}
