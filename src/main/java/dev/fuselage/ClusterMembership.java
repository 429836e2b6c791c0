package dev.fuselage;

import dev.fuselage.kubernetes.ClusterClient;
import java.util.Optional;

/**
 * The service's part in a Kubernetes cluster, wired. Where it has none this class is not even
 * loaded, nor is anything of a client.
 */
final class ClusterMembership implements AutoCloseable {
  private final ClusterClient cluster;

  private ClusterMembership(ClusterClient cluster) {
    this.cluster = cluster;
  }

  /**
   * Begins, whether the API server is there or not.
   *
   * @throws IllegalArgumentException if the configuration does not say who and where we are
   */
  static ClusterMembership begin(FuselageConfig.Kubernetes config) {
    String node = node(config);
    return new ClusterMembership(
        ClusterClient.of(
            config.kubeconfig().map(PartSettings::absolute),
            System.getenv(),
            "fuselage (node %s)".formatted(node)));
  }

  private static String node(FuselageConfig.Kubernetes config) {
    Optional<String> node = config.node().filter(name -> !name.isBlank());
    return node.orElseThrow(
        () ->
            new IllegalArgumentException(
                "fuselage.kubernetes.enabled is true, but fuselage.kubernetes.node is missing: set"
                    + " it to the name of the Node that this runs on"));
  }

  @Override
  public void close() {
    cluster.close();
  }
}
