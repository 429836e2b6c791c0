package dev.fuselage.owners;

import static java.nio.charset.StandardCharsets.UTF_8;

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

  /**
   * Has the collector run, which removes every snapshot that containerd does not know. It looks for
   * them only after one of the snapshotter's was removed, so one is made for that; and it is waited
   * for by a lease alone that is removed.
   */
  static String unknownSnapshots() {
    String snapshots = "ctr snapshots --snapshotter fuselage ";
    return "%1$sprepare %2$s && %1$srm %2$s && ctr leases create --id %2$s && ctr leases rm --sync %2$s"
        .formatted(snapshots, "fuselage-sweep");
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

  /**
   * For a shell, which is to see one word whatever it holds. What a terminal might not show as it
   * is, a backslash too, is written as bash, zsh and POSIX of 2024 read it, in octal.
   */
  private static String quoted(String word) {
    if (word.chars().allMatch(letter -> letter >= ' ' && letter < 0x7f && letter != '\\')) {
      return "'" + word.replace("'", "'\\''") + "'";
    }
    StringBuilder quoted = new StringBuilder("$'");
    for (byte letter : word.getBytes(UTF_8)) {
      if (letter >= ' ' && letter < 0x7f && letter != '\\' && letter != '\'') {
        quoted.append((char) letter);
      } else {
        quoted.append(String.format("\\%03o", letter & 0xff));
      }
    }
    return quoted.append('\'').toString();
  }
}
