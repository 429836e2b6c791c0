package dev.fuselage.owners;

import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What an operator types to have containerd remove something: it must never learn from us that
 * something of its own is gone.
 */
final class RemovalCommands {
  private RemovalCommands() {}

  static String snapshot(ContainerdKey key) {
    return "ctr --namespace %s snapshots --snapshotter fuselage rm %s"
        .formatted(quoted(key.namespace()), quoted(key.key()));
  }

  /** By all of its names, since each of them alone would keep its layers. */
  static String image(View.Image image) {
    return "ctr --namespace %s images rm --sync %s"
        .formatted(quoted(image.top().namespace()), quoted(image.names()));
  }

  /** With all of its pod, if it is of one: Kubernetes would make it again. */
  static String container(View.Container container) {
    if (container.pod().isPresent()) {
      View.Pod pod = container.pod().get();
      return "kubectl --namespace %s delete pod %s"
          .formatted(quoted(pod.namespace()), quoted(pod.name()));
    }
    String namespace = quoted(container.snapshot().namespace());
    String id = quoted(container.id());
    return "ctr --namespace %s tasks rm --force %s; ctr --namespace %s containers rm %s"
        .formatted(namespace, id, namespace, id);
  }

  private static String quoted(List<String> words) {
    return words.stream().map(RemovalCommands::quoted).collect(Collectors.joining(" "));
  }

  /** For a shell, which is to see one word whatever it holds. */
  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
