package dev.fuselage.kubernetes;

import dev.fuselage.kubernetes.Dependents.UnansweredException;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Set;

/**
 * The DaemonSets whose pods are the agents of a release. They are deleted as a whole: to keep their
 * pods off all nodes in another way takes the right to change what runs on every node.
 */
public final class FleetAgents {
  private final ClusterClient cluster;
  private final String namespace;
  private final Set<String> daemonSets;

  /**
   * @param daemonSets their names; some may be gone already
   */
  public FleetAgents(ClusterClient cluster, String namespace, Set<String> daemonSets) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.daemonSets = Set.copyOf(daemonSets);
  }

  /**
   * Deletes the DaemonSets; their pods end some moments later.
   *
   * @throws UnansweredException if the API server can't be asked
   */
  public void end() {
    try {
      for (String name : daemonSets) {
        var unused =
            cluster.client().apps().daemonSets().inNamespace(namespace).withName(name).delete();
      }
    } catch (KubernetesClientException e) {
      throw new UnansweredException(e);
    }
  }

  /**
   * Says of each pod that has not ended what it is called and where it runs, as {@code fuselage-x
   * on node-1}.
   *
   * @throws UnansweredException if the API server can't be asked
   */
  public List<String> left() {
    try {
      return cluster.client().pods().inNamespace(namespace).list().getItems().stream()
          .filter(this::isOurs)
          .map(FleetAgents::described)
          .sorted()
          .toList();
    } catch (KubernetesClientException e) {
      throw new UnansweredException(e);
    }
  }

  private boolean isOurs(Pod pod) {
    return pod.getMetadata().getOwnerReferences().stream().anyMatch(this::isOurs);
  }

  private boolean isOurs(OwnerReference owner) {
    return owner.getKind().equals("DaemonSet") && daemonSets.contains(owner.getName());
  }

  private static String described(Pod pod) {
    return "%s on %s".formatted(pod.getMetadata().getName(), pod.getSpec().getNodeName());
  }
}
