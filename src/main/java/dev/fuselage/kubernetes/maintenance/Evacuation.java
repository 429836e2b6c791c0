package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.admin.Trash;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Empties a node as {@code kubectl drain --ignore-daemonsets --delete-emptydir-data} does, and then
 * the trash that its pods left. The node stays cordoned.
 */
final class Evacuation {
  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final int TOO_MANY_REQUESTS = 429;

  private final KubernetesClient client;
  private final String node;
  private final Supplier<Trash> trash;
  private final Duration pause;

  /**
   * @param pause between two rounds
   */
  Evacuation(KubernetesClient client, String node, Supplier<Trash> trash, Duration pause) {
    this.client = client;
    this.node = node;
    this.trash = trash;
    this.pause = pause;
  }

  NodeOperations.Outcome run(Call call, Consumer<String> progress) {
    int evicted = 0;
    boolean cordoned = false;
    while (true) {
      call.check();
      try {
        if (!cordoned) {
          cordon();
          cordoned = true;
        }
        List<Pod> left = pods();
        if (left.isEmpty()) {
          break;
        }
        List<String> held = new ArrayList<>();
        for (Pod pod : left) {
          Optional<String> obstacle = evict(pod);
          obstacle.ifPresent(held::add);
          if (obstacle.isEmpty() && pod.getMetadata().getDeletionTimestamp() == null) {
            evicted++;
          }
        }
        progress.accept(
            held.isEmpty()
                ? "%d pods left".formatted(left.size())
                : "%d pods left; %s".formatted(left.size(), String.join("; ", held)));
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
          throw SnapshotException.failedPrecondition(
              "the API server forbids it: %s", String.valueOf(e.getMessage()));
        }
        progress.accept("the API server does not help: " + e.getMessage());
      }
      pause();
    }
    empty(call, progress);
    return new NodeOperations.Outcome(
        true,
        "evicted %d pods, and the trash is empty; the node stays cordoned".formatted(evicted));
  }

  private void cordon() {
    var unused =
        client
            .nodes()
            .withName(node)
            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"unschedulable\":true}}");
  }

  private List<Pod> pods() {
    return client
        .pods()
        .inAnyNamespace()
        .withField("spec.nodeName", node)
        .list()
        .getItems()
        .stream()
        .filter(pod -> !isStatic(pod) && !isOfDaemonSet(pod))
        .toList();
  }

  private static boolean isStatic(Pod pod) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return annotations != null && annotations.containsKey(MIRROR);
  }

  private static boolean isOfDaemonSet(Pod pod) {
    return controller(pod).filter(owner -> owner.getKind().equals("DaemonSet")).isPresent();
  }

  private static Optional<OwnerReference> controller(Pod pod) {
    List<OwnerReference> owners = pod.getMetadata().getOwnerReferences();
    return owners == null
        ? Optional.empty()
        : owners.stream().filter(owner -> Boolean.TRUE.equals(owner.getController())).findFirst();
  }

  /** Empty if it goes, or is gone; else why not. */
  private Optional<String> evict(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    String name = pod.getMetadata().getName();
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return Optional.empty();
    }
    if (controller(pod).isEmpty() && !hasEnded(pod)) {
      return Optional.of(
          "%s/%s has no controller that would make it anew: delete it".formatted(namespace, name));
    }
    try {
      var unused =
          client.raw(
              "/api/v1/namespaces/%s/pods/%s/eviction".formatted(namespace, name),
              "POST",
              Map.of(
                  "apiVersion", "policy/v1",
                  "kind", "Eviction",
                  "metadata", Map.of("name", name, "namespace", namespace)));
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return switch (e.getCode()) {
        case HttpURLConnection.HTTP_NOT_FOUND -> Optional.empty();
        case TOO_MANY_REQUESTS ->
            Optional.of("%s/%s is held back: %s".formatted(namespace, name, reason(e)));
        case 0, HttpURLConnection.HTTP_UNAUTHORIZED -> throw e;
        default -> {
          if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN && !isOfEndingNamespace(e)) {
            throw e;
          }
          // As of a pod with two budgets. What stands after it in the list is not to wait for it.
          yield Optional.of("%s/%s can't be evicted: %s".formatted(namespace, name, reason(e)));
        }
      };
    }
  }

  /** Where all is deleted already, nothing may be made, an Eviction neither. */
  private static boolean isOfEndingNamespace(KubernetesClientException e) {
    return e.getStatus() != null
        && e.getStatus().getDetails() != null
        && e.getStatus().getDetails().getCauses().stream()
            .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
  }

  private static boolean hasEnded(Pod pod) {
    return pod.getStatus() != null
        && List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
  }

  /** The server's words, which name the budget. */
  private static String reason(KubernetesClientException e) {
    Status status = e.getStatus();
    if (status != null
        && status.getDetails() != null
        && !status.getDetails().getCauses().isEmpty()) {
      return status.getDetails().getCauses().getFirst().getMessage();
    }
    return String.valueOf(e.getMessage());
  }

  /** What the pods left comes to the trash only as containerd removes it. */
  private void empty(Call call, Consumer<String> progress) {
    while (true) {
      var unused =
          trash
              .get()
              .empty(call, now -> progress.accept("%d trees left".formatted(now.treesLeft())));
      call.check();
      int left = trash.get().list().size();
      if (left == 0) {
        return;
      }
      progress.accept("no pods left, %d trees in the trash".formatted(left));
      pause();
    }
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SnapshotException(SnapshotException.Code.CANCELLED, "interrupted", e);
    }
  }
}
