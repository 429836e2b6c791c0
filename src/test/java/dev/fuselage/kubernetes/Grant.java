package dev.fuselage.kubernetes;

import dev.fuselage.e2e.Chart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One verb that the chart's roles allow a pod.
 *
 * @param namespaced whether in the pod's own namespace alone
 * @param group of the API; empty for the core's
 * @param resource with its subresource, as {@code nodes/status}
 */
public record Grant(boolean namespaced, String group, String resource, String verb) {

  /**
   * All of an agent.
   *
   * @param switches whether all that the chart can do with a cluster is switched on, or none of it
   */
  public static List<Grant> ofAgent(boolean switches) {
    String value = String.valueOf(switches);
    return ofChart(
        Map.of(
            "config.kubernetes.events", value,
            "config.kubernetes.label", value,
            "config.kubernetes.taint", value,
            "config.kubernetes.low-space-taint", value,
            "config.kubernetes.node-condition", value,
            "config.kubernetes.maintenance", value,
            "config.kubernetes.evacuate", value),
        "fuselage");
  }

  /**
   * All of the Job that is asked before an uninstallation.
   *
   * @param heard whether agents hear what it asks of the API server
   */
  public static List<Grant> ofUninstallHook(boolean heard) {
    return ofChart(
        Map.of("config.kubernetes.enabled", String.valueOf(heard)), "fuselage-uninstall");
  }

  private static List<Grant> ofChart(Map<String, String> values, String role) {
    String[] arguments =
        values.entrySet().stream()
            .map(value -> "--set=%s=%s".formatted(value.getKey(), value.getValue()))
            .toArray(String[]::new);
    List<Grant> grants = new ArrayList<>();
    for (Map<String, Object> object : new Chart().objects(arguments)) {
      boolean namespaced = "Role".equals(object.get("kind"));
      boolean ours =
          object.get("metadata") instanceof Map<?, ?> metadata && role.equals(metadata.get("name"));
      if (ours && (namespaced || "ClusterRole".equals(object.get("kind")))) {
        for (Map<?, ?> rule : maps(object.get("rules"))) {
          for (String resource : strings(rule.get("resources"))) {
            for (String verb : strings(rule.get("verbs"))) {
              String group = strings(rule.get("apiGroups")).getFirst();
              grants.add(new Grant(namespaced, group, resource, verb));
            }
          }
        }
      }
    }
    return grants;
  }

  private static List<Map<?, ?>> maps(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list))
        .stream().<Map<?, ?>>map(Map.class::cast).toList();
  }

  private static List<String> strings(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list)).stream().map(String.class::cast).toList();
  }

  /**
   * Manifests that let the account {@code fuselage} of a namespace do these things, and no more.
   */
  public static String manifest(String namespace, List<Grant> grants) {
    return """
        {apiVersion: v1, kind: Namespace, metadata: {name: %1$s}}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: fuselage, namespace: %1$s}}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: %1$s}
        rules: [%2$s]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s}
        subjects: [{kind: ServiceAccount, name: fuselage, namespace: %1$s}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: fuselage, namespace: %1$s}
        rules: [%3$s]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: fuselage, namespace: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: fuselage}
        subjects: [{kind: ServiceAccount, name: fuselage, namespace: %1$s}]
        """
        .formatted(namespace, rules(grants, false), rules(grants, true));
  }

  private static String rules(List<Grant> grants, boolean namespaced) {
    return grants.stream()
        .filter(grant -> grant.namespaced() == namespaced)
        .map(
            grant ->
                "{apiGroups: [\"%s\"], resources: [\"%s\"], verbs: [\"%s\"]}"
                    .formatted(grant.group(), grant.resource(), grant.verb()))
        .collect(Collectors.joining(", "));
  }

  /** Whether the account of a client has it, as its API server sees it by now. */
  public boolean isAllowed(ClusterClient cluster, String namespace) {
    String[] parts = resource.split("/", 2);
    Map<String, String> asked =
        Map.of(
            "namespace",
            namespaced ? namespace : "",
            "group",
            group,
            "resource",
            parts[0],
            "subresource",
            parts.length == 1 ? "" : parts[1],
            "verb",
            verb);
    return cluster
        .client()
        .raw(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            "POST",
            Map.of(
                "apiVersion", "authorization.k8s.io/v1",
                "kind", "SelfSubjectAccessReview",
                "spec", Map.of("resourceAttributes", asked)))
        .contains("\"allowed\":true");
  }

  /** Whether a request was refused for want of this. */
  public boolean isMissedBy(AuditLog.Request request) {
    return request.isForbidden()
        && request.message().contains("cannot %s resource \"%s\" ".formatted(verb, resource));
  }

  @Override
  public String toString() {
    return "%s %s".formatted(verb, resource);
  }
}
