package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fuselage as a process of the node, started before containerd, with the drop-in of the docs. */
class HostServiceIT {
  private static final String POD = "writer";

  @ParameterizedTest
  @EnumSource(User.class)
  void podsRunOnItAndComeBackAfterARebootWithoutARegistry(User user) {
    try (Cluster cluster = Cluster.upWithHostService(user)) {
      Pods pods = new Pods(cluster);
      pods.onFuselage(POD, cluster.push("fuselage/test:pulled"));
      pods.awaitReady(POD);
      assertThat(pods.root(POD)).containsPattern(Pods.ON_FUSELAGE);
      assertThat(pods.shell(POD, "/check")).startsWith(Pods.WHOLE);
      assertThat(cluster.fuselage("ls")).contains(pods.containerId(POD));

      cluster.powerOff();
      cluster.powerOnWithoutRegistry();

      Cluster.await(() -> assertThat(pods.restarts(POD)).isPositive());
      pods.awaitReady(POD);
      assertThat(pods.shell(POD, "/check")).startsWith(Pods.WHOLE);
      assertThat(cluster.fuselage("ls")).contains(pods.containerId(POD));
    }
  }
}
