package dev.fuselage.kubernetes;

import dev.fuselage.kubernetes.Dependents.UnansweredException;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks every node of a cluster to let go of Fuselage. Each does so by itself and marks its
 * FuselageNode in the end; here is only asked, and seen who is left.
 */
public final class FleetUninstall {
  /** Each agent writes every five minutes at least. */
  private static final Duration SILENT = Duration.ofMinutes(6);

  /** By which an agent tells that it heard, and what is in the way. */
  private static final Set<String> ANSWERS =
      Set.of("ActiveSnapshots", "NamedElsewhere", "Leaving", "SnapshotsUnknown", "NotWritable");

  private final ClusterClient cluster;
  private final boolean forced;

  /**
   * A node that still has Fuselage.
   *
   * @param why in a sentence
   */
  public record Holdout(String node, String why) {}

  /**
   * @param forced whether nodes are to let go in spite of containers that need it
   */
  public FleetUninstall(ClusterClient cluster, boolean forced) {
    this.cluster = cluster;
    this.forced = forced;
  }

  /** The names of nodes that can be asked. */
  public Set<String> nodes() {
    return Set.copyOf(all().stream().map(FleetUninstall::name).toList());
  }

  /**
   * Asks those that were not asked yet, and have not let go.
   *
   * @return who still has it, by name
   * @throws UnansweredException if the API server can't be asked
   */
  public List<Holdout> ask() {
    List<GenericKubernetesResource> there = all().stream().filter(node -> !isFree(node)).toList();
    there.stream().filter(node -> !isAsked(node)).forEach(this::ask);
    return holdouts(there);
  }

  /**
   * Deletes the FuselageNodes of nodes that have let go, and with each the mark by which nothing is
   * installed there again: no agent may run any more.
   *
   * @return who still has it, by name
   * @throws UnansweredException if the API server can't be asked
   */
  public List<Holdout> forget() {
    Map<Boolean, List<GenericKubernetesResource>> nodes =
        all().stream().collect(Collectors.partitioningBy(FleetUninstall::isFree));
    nodes.getOrDefault(true, List.of()).forEach(this::delete);
    return holdouts(nodes.getOrDefault(false, List.of()));
  }

  private void delete(GenericKubernetesResource node) {
    try {
      var unused = resource(node).delete();
    } catch (KubernetesClientException e) {
      throw new UnansweredException(e);
    }
  }

  private Resource<GenericKubernetesResource> resource(GenericKubernetesResource node) {
    return cluster
        .client()
        .genericKubernetesResources(FuselageNodes.DEFINITION)
        .withName(name(node));
  }

  private static List<Holdout> holdouts(List<GenericKubernetesResource> nodes) {
    return nodes.stream()
        .map(node -> new Holdout(name(node), why(node, Instant.now())))
        .sorted((one, other) -> one.node().compareTo(other.node()))
        .toList();
  }

  private List<GenericKubernetesResource> all() {
    try {
      return cluster
          .client()
          .genericKubernetesResources(FuselageNodes.DEFINITION)
          .list()
          .getItems();
    } catch (KubernetesClientException e) {
      if (isNotFound(e)) {
        // It knows no such kind: then there are none.
        return List.of();
      }
      throw new UnansweredException(e);
    }
  }

  private static String annotation(GenericKubernetesResource node) {
    Map<String, String> annotations = node.getMetadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(Uninstall.ANNOTATION, "");
  }

  private static boolean isFree(GenericKubernetesResource node) {
    return annotation(node).equals(Uninstall.DONE);
  }

  private boolean isAsked(GenericKubernetesResource node) {
    String asked = annotation(node);
    return asked.equals(Uninstall.FORCED) || (asked.equals(Uninstall.REQUESTED) && !forced);
  }

  private void ask(GenericKubernetesResource node) {
    try {
      var unused =
          resource(node)
              .patch(
                  PatchContext.of(PatchType.JSON_MERGE),
                  "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}"
                      .formatted(
                          Uninstall.ANNOTATION, forced ? Uninstall.FORCED : Uninstall.REQUESTED));
    } catch (KubernetesClientException e) {
      if (!isNotFound(e)) {
        throw new UnansweredException(e);
      }
    }
  }

  private static String why(GenericKubernetesResource node, Instant now) {
    Optional<String> silent = reported(node).filter(time -> isOld(time, now));
    if (silent.isPresent()) {
      return "no agent has spoken for it since %s: have its pod run again, or go on without it"
          .formatted(silent.get());
    }
    return condition(node, ConditionType.CONTAINERD_CONFIGURED)
        .filter(condition -> ANSWERS.contains(text(condition, "reason")))
        .map(condition -> answer(node, condition))
        .orElse("its agent has not answered yet");
  }

  private static String answer(GenericKubernetesResource node, Map<?, ?> condition) {
    String answer = text(condition, "reason") + ": " + text(condition, "message");
    return condition(node, ConditionType.RESTART_DUE)
        .filter(due -> text(due, "reason").equals(text(condition, "reason")))
        .map(due -> answer + "; " + text(due, "message"))
        .orElse(answer);
  }

  private static Optional<Map<?, ?>> condition(GenericKubernetesResource node, ConditionType type) {
    if (node.get("status", "conditions") instanceof List<?> conditions) {
      for (Object condition : conditions) {
        if (condition instanceof Map<?, ?> fields && text(fields, "type").equals(type.label())) {
          return Optional.of(fields);
        }
      }
    }
    return Optional.empty();
  }

  private static String text(Map<?, ?> fields, String key) {
    return fields.get(key) instanceof String text ? text : "";
  }

  private static Optional<String> reported(GenericKubernetesResource node) {
    return node.get("status", "lastReport") instanceof String time
        ? Optional.of(time)
        : Optional.empty();
  }

  private static boolean isOld(String time, Instant now) {
    try {
      return Duration.between(Instant.parse(time), now).compareTo(SILENT) > 0;
    } catch (DateTimeParseException _) {
      return true;
    }
  }

  private static String name(GenericKubernetesResource node) {
    return node.getMetadata().getName();
  }

  private static boolean isNotFound(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
  }
}
