package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The pods of a cluster that could not go on without Fuselage. */
public final class Dependents {
  private static final String RUNTIME_CLASS = "fuselage";

  /** On nodes with this label it is the snapshotter of pods without a RuntimeClass, too. */
  private static final String DEFAULT_NODE = "fuselage.dev/bootstrap";

  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");
  private static final long PAGE = 500;

  private Dependents() {}

  /**
   * Says for each of them what it is called and where it runs, as {@code default/web-0 on node-1}.
   *
   * @param asking namespace and name of the pod that asks, as {@code fuselage-system/uninstall},
   *     which is none of them; empty outside of one
   * @param leaving nodes that are asked to let go themselves, and do not before pods without a
   *     RuntimeClass can do without
   * @throws UnansweredException if the API server can't be asked
   */
  public static List<String> of(ClusterClient cluster, String asking, Set<String> leaving) {
    try {
      Set<String> defaultNodes = new HashSet<>(defaultNodes(cluster));
      defaultNodes.removeAll(leaving);
      List<String> dependents = new ArrayList<>();
      String next = "";
      do {
        PodList page =
            cluster
                .client()
                .pods()
                .inAnyNamespace()
                .list(new ListOptionsBuilder().withLimit(PAGE).withContinue(next).build());
        page.getItems().stream()
            .filter(pod -> depends(pod, defaultNodes))
            .filter(pod -> !name(pod).equals(asking))
            .map(Dependents::described)
            .forEach(dependents::add);
        String more = page.getMetadata().getContinue();
        next = more == null ? "" : more;
      } while (!next.isEmpty());
      return dependents;
    } catch (KubernetesClientException e) {
      throw new UnansweredException(e);
    }
  }

  private static Set<String> defaultNodes(ClusterClient cluster) {
    return cluster.client().nodes().withLabel(DEFAULT_NODE, "true").list().getItems().stream()
        .map((Node node) -> node.getMetadata().getName())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static boolean depends(Pod pod, Set<String> defaultNodes) {
    String runtimeClass = pod.getSpec().getRuntimeClassName();
    String node = pod.getSpec().getNodeName();
    boolean ours =
        runtimeClass == null
            ? node != null && defaultNodes.contains(node)
            : runtimeClass.equals(RUNTIME_CLASS);
    return ours && !ENDED.contains(pod.getStatus().getPhase());
  }

  private static String described(Pod pod) {
    String node = pod.getSpec().getNodeName();
    return node == null ? name(pod) : name(pod) + " on " + node;
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }

  /** Why nothing is known. */
  public static final class UnansweredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnansweredException(KubernetesClientException cause) {
      super("the API server can't be asked: " + cause.getMessage(), cause);
    }
  }
}
