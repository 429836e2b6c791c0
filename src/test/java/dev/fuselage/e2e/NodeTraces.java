package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

/** What of Fuselage is on the one node of a cluster. */
final class NodeTraces {
  private final Cluster cluster;

  NodeTraces(Cluster cluster) {
    this.cluster = cluster;
  }

  /** But for the data. */
  void assertNoneLeft() {
    assertThat(cluster.hasDropIn()).isFalse();
    assertThat(labels()).isNotEmpty().doesNotContain("fuselage.dev");
    assertThat(ofNode("{.spec.taints}")).doesNotContain("fuselage.dev");
    assertThat(ofNode("{.status.conditions[*].type}"))
        .contains("Ready")
        .doesNotContain("FuselageReady");
    assertThat(nodes()).isEmpty();
    assertThat(cluster.tryOnNode("test", "-d", "/var/lib/fuselage/store").isSuccess()).isTrue();
  }

  String labels() {
    return ofNode("{.metadata.labels}");
  }

  /** What the kubelet says that containerd has. */
  String handlers() {
    return ofNode("{.status.runtimeHandlers[*].name}");
  }

  /** The FuselageNodes by name. */
  String nodes() {
    return cluster.kubectl("get", "fsn", "-o", "name");
  }

  private String ofNode(String path) {
    return cluster.kubectl(
        "get", "nodes", "-o", "jsonpath=" + path.replaceFirst("\\{", "{.items[0]"));
  }
}
