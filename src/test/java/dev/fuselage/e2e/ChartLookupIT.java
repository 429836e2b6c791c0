package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.kubernetes.ApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the chart refuses because of what it finds in a cluster, at a real API server. */
class ChartLookupIT {
  private static final String NAMESPACE = "fuselage-system";
  private static final String OTHER = "elsewhere";

  private final ApiServer server = ApiServer.shared();
  private final Chart chart = new Chart();

  @BeforeEach
  void makeNamespaces() {
    for (String namespace : new String[] {NAMESPACE, OTHER}) {
      server.apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(namespace));
    }
  }

  @AfterEach
  void remove() {
    for (String namespace : new String[] {NAMESPACE, OTHER}) {
      server.kubectl("delete", "ds", "--all", "--namespace", namespace);
    }
  }

  private Output template(String values) {
    return chart.template(
        "--dry-run=server",
        "--kubeconfig",
        server.kubeconfig(ApiServer.ADMIN).toString(),
        "--set",
        values);
  }

  /** As the chart makes it. */
  private void daemonSet(String namespace, String name, String release, int nodes) {
    server.apply(
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata:
          name: %1$s
          namespace: %2$s
          labels: {app.kubernetes.io/name: fuselage, app.kubernetes.io/instance: %3$s}
        spec:
          selector: {matchLabels: {app: %1$s}}
          template:
            metadata: {labels: {app: %1$s}}
            spec: {containers: [{name: one, image: one}]}
        """
            .formatted(name, namespace, release));
    server.kubectl(
        "patch",
        "ds/" + name,
        "--namespace",
        namespace,
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\":{\"desiredNumberScheduled\":%d}}".formatted(nodes));
  }

  /** By a handler that is still ours, its own pod would be made and wait for itself. */
  @Test
  void theDefaultSnapshotterIsNotGivenUpWhileNodesHaveIt() {
    daemonSet(NAMESPACE, "fuselage-bootstrap", "fuselage", 3);

    for (String values :
        new String[] {"config.containerd.install=runtime-class", "config.containerd.install=off"}) {
      Output refusal = template(values);
      assertThat(refusal.isSuccess()).as(values).isFalse();
      assertThat(refusal.err())
          .contains("default snapshotter of 3 nodes")
          .contains("fuselage.dev/uninstall=requested");
    }
    assertThat(
            template("hostNetwork=true,config.containerd.install=default-snapshotter").isSuccess())
        .isTrue();
    assertThat(
            template("hostNetwork=true,config.containerd.install=off,defaultSnapshotter=true")
                .isSuccess())
        .isTrue();
  }

  @Test
  void onceAllNodesHaveLetGoItIsGivenUp() {
    daemonSet(NAMESPACE, "fuselage-bootstrap", "fuselage", 0);

    var unused = template("config.containerd.install=runtime-class").succeeded();
  }

  @Test
  void aSecondReleaseIsRefusedWhereverItIs() {
    daemonSet(OTHER, "fuselage", "fuselage", 1);
    assertThat(template("runtimeClass.create=false").err())
        .contains("there is a Fuselage in this cluster already, DaemonSet elsewhere/fuselage");

    server.kubectl("delete", "ds", "--all", "--namespace", OTHER);
    daemonSet(NAMESPACE, "second-fuselage", "second", 1);
    assertThat(template("runtimeClass.create=false").err())
        .contains("DaemonSet fuselage-system/second-fuselage");
  }

  @Test
  void anUpgradeFindsItsOwnAndWhatIsOthers() {
    daemonSet(NAMESPACE, "fuselage", "fuselage", 1);
    server.apply(
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: other, namespace: elsewhere}
        spec:
          selector: {matchLabels: {app: x}}
          template:
            metadata: {labels: {app: x}}
            spec: {containers: [{name: one, image: one}]}
        """);

    var unused = template("config.kubernetes.taint=true").succeeded();
  }
}
