package dev.fuselage.containerd;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What is asked of containerd. Every method but {@link #subscribe} may throw when it is gone. */
interface ContainerdApi {
  /** A container's record. */
  record ContainerRecord(
      String id,
      String image,
      String snapshotter,
      String snapshotKey,
      Map<String, String> labels) {}

  /**
   * An image's record.
   *
   * @param target the digest of its index or manifest
   */
  record ImageRecord(String name, String target) {}

  /** A blob, as far as its labels tell of it. */
  record ContentRecord(String digest, Map<String, String> labels) {}

  /**
   * Something that a lease keeps.
   *
   * @param type such as {@code content} or {@code snapshots/fuselage}
   */
  record Resource(String type, String id) {}

  /** As it says itself, such as {@code v2.2.9}. */
  String version();

  /**
   * What it tells of a snapshotter that it runs with: of one behind a socket the {@code address},
   * and what its configuration has as {@code exports}. Empty if it has none of that name.
   */
  Map<String, String> snapshotter(String name);

  List<String> namespaces();

  void containers(String namespace, Consumer<ContainerRecord> each);

  void images(String namespace, Consumer<ImageRecord> each);

  /** The blobs that a containerd filter matches. */
  void contents(String namespace, String filter, Consumer<ContentRecord> each);

  /** A blob; empty if it is not there. */
  Optional<ContentRecord> content(String namespace, String digest);

  /** Whether it knows a snapshot of ours, so that its collector keeps it while it is needed. */
  boolean knows(String namespace, String key);

  void leasedResources(String namespace, Consumer<Resource> each);

  /**
   * Hears of events of all namespaces, on a thread that must not be held up.
   *
   * @param ended told once, when there will be no more
   */
  void subscribe(List<String> filters, Runnable changed, Runnable ended);
}
