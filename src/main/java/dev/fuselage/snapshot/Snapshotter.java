package dev.fuselage.snapshot;

import java.util.List;
import java.util.Optional;

/**
 * What containerd asks of a snapshotter (its {@code core/snapshots}), without any transport.
 *
 * <p>Unpacking a layer goes so: the client prepares an active snapshot upon the layer's parent,
 * mounts what it is told to, writes the layer's files, unmounts, and commits the key under the
 * layer's name. A container's root file system is an active snapshot upon the topmost layer that is
 * removed in the end.
 *
 * <pre>{@code
 * snapshotter.prepare(call, "extract-1 sha256:b", "sha256:a", labels);  // mounts, to be written to
 * snapshotter.commit(call, "sha256:b", "extract-1 sha256:b", Optional.empty(), labels);
 * snapshotter.prepare(call, "container-1", "sha256:b", labels);         // a container's root
 * snapshotter.remove(call, "container-1");
 * }</pre>
 *
 * <p>When a mutation returns it is durable. When it throws, nothing has changed. Every method may
 * throw a {@link SnapshotException} UNAVAILABLE (the store or disk fails, or the service stops);
 * those of one method are named with it. Methods may be called by any number of threads at once.
 */
public interface Snapshotter {
  /**
   * What is known of a snapshot, of any kind.
   *
   * @throws SnapshotException NOT_FOUND
   */
  Info stat(String key);

  /**
   * Changes labels; moves {@link Info#updated()}.
   *
   * @throws SnapshotException NOT_FOUND; INVALID_ARGUMENT for a bad label
   */
  Info update(Call call, String key, LabelChange change);

  /**
   * An active snapshot's usage as it is now, a committed one's as it was at its commit, none for a
   * view.
   *
   * @throws SnapshotException NOT_FOUND
   */
  Usage usage(Call call, String key);

  /**
   * How to mount an active snapshot or a view.
   *
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if it is committed, or a layer below
   *     is quarantined
   */
  List<Mount> mounts(String key);

  /**
   * Begins a writable snapshot.
   *
   * @param parent a committed snapshot's name, or empty
   * @throws SnapshotException NOT_FOUND if the parent is missing; ALREADY_EXISTS if the key is
   *     taken by any kind; FAILED_PRECONDITION if a layer below is quarantined; INVALID_ARGUMENT
   *     for a parent that is not committed, an empty key, a bad label, or too deep a chain;
   *     RESOURCE_EXHAUSTED
   */
  List<Mount> prepare(Call call, String key, String parent, Labels labels);

  /** As {@link #prepare}, for a read-only snapshot. */
  List<Mount> view(Call call, String key, String parent, Labels labels);

  /**
   * Makes a layer of an active snapshot: its key is gone, and its name stands for it, with the
   * labels given and no others.
   *
   * @param parent if given, it must be the one it was prepared with, unless that was none: then the
   *     layer is put upon this one
   * @throws SnapshotException NOT_FOUND if the key or the parent given is missing; ALREADY_EXISTS
   *     if the name is taken; FAILED_PRECONDITION if the key is not active or the parent given not
   *     committed; INVALID_ARGUMENT for an empty name, a bad label, or another parent;
   *     RESOURCE_EXHAUSTED
   */
  void commit(Call call, String name, String key, Optional<String> parent, Labels labels);

  /**
   * Forgets a snapshot. Its disk is given back later; the reply does not wait for that.
   *
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if it has children
   */
  void remove(Call call, String key);

  /**
   * All snapshots as they stand at the call, in the order of their keys.
   *
   * @throws SnapshotException INVALID_ARGUMENT for a filter that does not parse
   */
  Listing<Info> list(List<String> filters);

  /** Deletes what is in the trash at the call, and returns when that is gone, or at a limit. */
  void cleanup(Call call);
}
