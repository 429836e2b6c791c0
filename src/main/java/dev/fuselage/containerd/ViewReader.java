package dev.fuselage.containerd;

import dev.fuselage.containerd.ContainerdApi.ContainerRecord;
import dev.fuselage.containerd.ContainerdApi.ContentRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the whole view. Which snapshot an image stands on is read from the labels by which
 * containerd's own garbage collector goes from an image to its layers, not from the image's blobs:
 * so nothing is called needed that containerd would collect, nor the other way round.
 */
final class ViewReader {
  static final String SNAPSHOTTER = "fuselage";
  private static final String SNAPSHOT_LABEL = "containerd.io/gc.ref.snapshot." + SNAPSHOTTER;
  private static final String CONTENT_LABEL = "containerd.io/gc.ref.content.";
  private static final String LAYER_LABEL = CONTENT_LABEL + "l.";
  private static final String RESOURCE = "snapshots/" + SNAPSHOTTER;
  private static final String UNPACKED = "labels.\"" + SNAPSHOT_LABEL + "\"";

  private static final String POD = "io.kubernetes.pod.name";
  private static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  private static final String POD_UID = "io.kubernetes.pod.uid";

  /** CRI gives each image three names: by tag, by digest, and its id. */
  private static final Comparator<String> BEST_NAME_FIRST =
      Comparator.comparingInt(ViewReader::rank).thenComparing(Comparator.naturalOrder());

  /** An index, its manifests, their configs. */
  private static final int MOST_BLOBS = 64;

  private final ContainerdApi containerd;

  /** What a blob refers to never changes: read once for each image. */
  private Map<String, List<String>> configsByTarget = new HashMap<>();

  ViewReader(ContainerdApi containerd) {
    this.containerd = containerd;
  }

  View read() {
    List<View.Container> containers = new ArrayList<>();
    List<View.Image> images = new ArrayList<>();
    Set<ContainerdKey> leased = new HashSet<>();
    Map<String, List<String>> configs = new HashMap<>();
    for (String namespace : containerd.namespaces()) {
      containerd.containers(
          namespace,
          container -> {
            if (container.snapshotter().equals(SNAPSHOTTER) && !container.snapshotKey().isEmpty()) {
              containers.add(container(namespace, container));
            }
          });
      images(namespace, images, configs);
      containerd.leasedResources(
          namespace,
          resource -> {
            if (resource.type().equals(RESOURCE)) {
              leased.add(new ContainerdKey(namespace, resource.id()));
            }
          });
    }
    configsByTarget = configs;
    return new View(containers, images, leased);
  }

  private static View.Container container(String namespace, ContainerRecord container) {
    Map<String, String> labels = container.labels();
    Optional<View.Pod> pod =
        Optional.ofNullable(labels.get(POD))
            .map(
                name ->
                    new View.Pod(
                        labels.getOrDefault(POD_NAMESPACE, ""),
                        name,
                        labels.getOrDefault(POD_UID, "")));
    return new View.Container(
        new ContainerdKey(namespace, container.snapshotKey()),
        container.id(),
        container.image(),
        pod);
  }

  private void images(
      String namespace, List<View.Image> images, Map<String, List<String>> configs) {
    Map<String, String> tops = new HashMap<>();
    containerd.contents(
        namespace,
        UNPACKED,
        blob ->
            Optional.ofNullable(blob.labels().get(SNAPSHOT_LABEL))
                .ifPresent(top -> tops.put(blob.digest(), top)));
    if (tops.isEmpty()) {
      return;
    }
    Map<String, List<String>> names = new HashMap<>();
    containerd.images(
        namespace,
        image ->
            names.computeIfAbsent(image.target(), unused -> new ArrayList<>()).add(image.name()));
    names.forEach(
        (target, same) -> {
          same.sort(BEST_NAME_FIRST);
          String place = namespace + " " + target;
          List<String> known = configsByTarget.get(place);
          List<String> found = known == null ? configs(namespace, target) : known;
          if (!found.isEmpty()) {
            configs.put(place, found);
          }
          for (String config : found) {
            String top = tops.get(config);
            if (top != null) {
              images.add(new View.Image(same, new ContainerdKey(namespace, top)));
            }
          }
        });
  }

  private static int rank(String name) {
    if (name.startsWith("sha256:")) {
      return 2;
    }
    return name.contains("@") ? 1 : 0;
  }

  /** The leaves of what a blob refers to, layers aside. */
  private List<String> configs(String namespace, String target) {
    List<String> leaves = new ArrayList<>();
    Deque<String> open = new ArrayDeque<>(List.of(target));
    for (int asked = 0; !open.isEmpty() && asked < MOST_BLOBS; asked++) {
      String digest = open.poll();
      Optional<ContentRecord> blob = containerd.content(namespace, digest);
      boolean leaf = blob.isPresent();
      for (var label : blob.map(ContentRecord::labels).orElse(Map.of()).entrySet()) {
        if (label.getKey().startsWith(CONTENT_LABEL)) {
          leaf = false;
          if (!label.getKey().startsWith(LAYER_LABEL)) {
            open.add(label.getValue());
          }
        }
      }
      if (leaf) {
        leaves.add(digest);
      }
    }
    return List.copyOf(leaves);
  }
}
