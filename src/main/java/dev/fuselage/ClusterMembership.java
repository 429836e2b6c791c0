package dev.fuselage;

import dev.fuselage.admin.Administration;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.NodeAgent;
import dev.fuselage.kubernetes.NodeFacts;
import dev.fuselage.kubernetes.maintenance.Worker;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The service's part in a Kubernetes cluster, wired. Where it has none this class is not even
 * loaded, nor is anything of a client.
 */
final class ClusterMembership implements AutoCloseable {
  private final ClusterClient cluster;
  private final NodeAgent agent;
  private final Optional<Worker> maintenance;

  private ClusterMembership(ClusterClient cluster, NodeAgent agent, Optional<Worker> maintenance) {
    this.cluster = cluster;
    this.agent = agent;
    this.maintenance = maintenance;
  }

  /**
   * Begins, whether the API server is there or not.
   *
   * @param facts of the node, as they are when asked; it waits for nothing
   * @param administration what a maintenance asks for
   * @throws IllegalArgumentException if the configuration does not say who and where we are
   */
  static ClusterMembership begin(
      FuselageConfig.Kubernetes config,
      Supplier<NodeFacts> facts,
      NodeAgent.Hooks hooks,
      Administration administration) {
    String node = node(config);
    ClusterClient cluster =
        ClusterClient.of(
            config.kubeconfig().map(PartSettings::absolute),
            System.getenv(),
            "fuselage (node %s)".formatted(node));
    return new ClusterMembership(
        cluster,
        NodeAgent.begin(cluster, node, signals(config), facts, hooks),
        maintenance(config, cluster, node, administration));
  }

  private static Optional<Worker> maintenance(
      FuselageConfig.Kubernetes config,
      ClusterClient cluster,
      String node,
      Administration administration) {
    return config.maintenance()
        ? Optional.of(
            Worker.begin(cluster, config.namespace(), node, administration, config.evacuate()))
        : Optional.empty();
  }

  private static NodeAgent.Signals signals(FuselageConfig.Kubernetes config) {
    return new NodeAgent.Signals(
        config.label(),
        config.taint(),
        config.lowSpaceTaint(),
        config.nodeCondition(),
        config.events());
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
    maintenance.ifPresent(Worker::close);
    agent.close();
    cluster.close();
  }
}
