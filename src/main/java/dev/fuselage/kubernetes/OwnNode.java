package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The Node that this runs on, at the API server. Each method may end by a {@link
 * KubernetesClientException}.
 */
final class OwnNode {
  /** Of the condition that other controllers may look at. */
  static final String CONDITION = "FuselageReady";

  /** By which it is taken away, in JSON. */
  static final String NO_CONDITION =
      conditions("{\"$patch\":\"delete\",\"type\":\"%s\"}".formatted(CONDITION));

  private static final String EFFECT = "NoSchedule";
  private static final int ATTEMPTS = 20;

  private final KubernetesClient client;
  private final String name;

  OwnNode(KubernetesClient client, String name) {
    this.client = client;
    this.name = name;
  }

  /**
   * The Node, as far as we care.
   *
   * @param version of it that the server keeps
   * @param taints keys of those that keep new pods away
   * @param handlers that the kubelet names; empty if it names none, as before 1.31
   * @param condition ours
   */
  record View(
      String version,
      boolean cordoned,
      Map<String, String> labels,
      Set<String> taints,
      Set<String> handlers,
      Optional<NodeCondition> condition) {}

  String name() {
    return name;
  }

  /** As it was some moments ago, which costs the server least; empty if there is none. */
  Optional<View> look() {
    String json = client.raw("/api/v1/nodes/%s?resourceVersion=0".formatted(name));
    return Optional.ofNullable(json)
        .map(text -> client.getKubernetesSerialization().unmarshal(text, Node.class))
        .map(OwnNode::view);
  }

  private static View view(Node node) {
    List<Taint> taints = taints(node);
    Set<String> keys = new TreeSet<>();
    taints.stream()
        .filter(taint -> EFFECT.equals(taint.getEffect()))
        .forEach(taint -> keys.add(taint.getKey()));
    Set<String> handlers = new TreeSet<>();
    Optional<NodeCondition> condition = Optional.empty();
    if (node.getStatus() != null) {
      node.getStatus().getRuntimeHandlers().forEach(handler -> handlers.add(handler.getName()));
      condition =
          node.getStatus().getConditions().stream()
              .filter(one -> CONDITION.equals(one.getType()))
              .findFirst();
    }
    Map<String, String> labels = node.getMetadata().getLabels();
    return new View(
        node.getMetadata().getResourceVersion(),
        node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable()),
        labels == null ? Map.of() : Map.copyOf(labels),
        keys,
        handlers,
        condition);
  }

  private static List<Taint> taints(Node node) {
    return node.getSpec() == null ? List.of() : node.getSpec().getTaints();
  }

  /** Sets a label to {@code true}, or takes it away. */
  void label(String key, boolean wanted) {
    patch(
        PatchType.JSON_MERGE,
        "{\"metadata\":{\"labels\":{\"%s\":%s}}}".formatted(key, wanted ? "\"true\"" : "null"));
  }

  /**
   * Adds a taint {@code NoSchedule}, or takes it away. The list can only be written whole, so that
   * it is written on condition that nobody else did meanwhile, and tried again.
   */
  void taint(String key, boolean wanted) {
    for (int attempt = 1; ; attempt++) {
      Node node = client.nodes().withName(name).get();
      if (node == null || view(node).taints().contains(key) == wanted) {
        return;
      }
      List<Taint> taints = new ArrayList<>(taints(node));
      if (wanted) {
        Taint taint = new Taint();
        taint.setKey(key);
        taint.setEffect(EFFECT);
        taints.add(taint);
      } else {
        taints.removeIf(taint -> key.equals(taint.getKey()) && EFFECT.equals(taint.getEffect()));
      }
      try {
        patch(
            PatchType.JSON_MERGE,
            "{\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"taints\":%s}}"
                .formatted(
                    node.getMetadata().getResourceVersion(),
                    client.getKubernetesSerialization().asJson(taints)));
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Writes our condition, and none of the others. */
  void tell(NodeCondition condition) {
    patchStatus(conditions(client.getKubernetesSerialization().asJson(condition)));
  }

  /** Takes our condition away, and none of the others. */
  void untell() {
    patchStatus(NO_CONDITION);
  }

  private static String conditions(String json) {
    return "{\"status\":{\"conditions\":[%s]}}".formatted(json);
  }

  private void patchStatus(String json) {
    var unused =
        client
            .nodes()
            .withName(name)
            .subresource("status")
            .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json);
  }

  private void patch(PatchType type, String json) {
    var unused = client.nodes().withName(name).patch(PatchContext.of(type), json);
  }
}
