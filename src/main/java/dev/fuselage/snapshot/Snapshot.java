package dev.fuselage.snapshot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot as the metadata knows it. Each kind offers only what is legal for it: an active one
 * alone can be committed, a committed one alone can be a parent.
 */
public sealed interface Snapshot {
  /** Names its directory, and stays when an active one becomes committed. */
  SnapshotId id();

  /** The key of an active snapshot or a view, the name of a committed one. */
  String key();

  /** Where it stands: its parent and all layers below. */
  Ancestry ancestry();

  /** As they were last set; a commit replaces them. */
  Labels labels();

  /** When it was prepared, viewed or committed. */
  Instant created();

  /** When its labels last changed, or it was created. */
  Instant updated();

  /** What it is; the record's class says the same. */
  Kind kind();

  /** The same snapshot with other labels. */
  Snapshot relabelled(Labels labels, Instant now);

  /** What containerd is told of it. */
  default Info info() {
    return new Info(key(), ancestry().parent(), kind(), labels(), created(), updated());
  }

  /** Writable, until it is committed or removed. */
  record Active(
      SnapshotId id, String key, Ancestry ancestry, Labels labels, Instant created, Instant updated)
      implements Snapshot {
    @Override
    public Kind kind() {
      return Kind.ACTIVE;
    }

    @Override
    public Active relabelled(Labels newLabels, Instant now) {
      return new Active(id, key, ancestry, newLabels, created, now);
    }

    /**
     * The layer that this becomes: the id stays, and a new record begins. Labels are replaced, not
     * inherited.
     *
     * @param below where it will stand: its own ancestry, or another one if it had none ("rebase")
     */
    public Committed commit(
        String name, Ancestry below, Labels newLabels, Usage usage, Instant now) {
      return new Committed(id, name, below, newLabels, now, now, usage);
    }
  }

  /** Read-only, never committed. */
  record View(
      SnapshotId id, String key, Ancestry ancestry, Labels labels, Instant created, Instant updated)
      implements Snapshot {
    @Override
    public Kind kind() {
      return Kind.VIEW;
    }

    @Override
    public View relabelled(Labels newLabels, Instant now) {
      return new View(id, key, ancestry, newLabels, created, now);
    }
  }

  /**
   * An immutable layer.
   *
   * @param key its name
   * @param usage what it took when it was committed
   * @param digest of its tree at its commit; empty where none was taken
   */
  record Committed(
      SnapshotId id,
      String key,
      Ancestry ancestry,
      Labels labels,
      Instant created,
      Instant updated,
      Usage usage,
      Optional<TreeDigest> digest)
      implements Snapshot {
    /** A layer of whose tree no digest was taken. */
    public Committed(
        SnapshotId id,
        String key,
        Ancestry ancestry,
        Labels labels,
        Instant created,
        Instant updated,
        Usage usage) {
      this(id, key, ancestry, labels, created, updated, usage, Optional.empty());
    }

    @Override
    public Kind kind() {
      return Kind.COMMITTED;
    }

    @Override
    public Committed relabelled(Labels newLabels, Instant now) {
      return new Committed(id, key, ancestry, newLabels, created, now, usage, digest);
    }

    /** The same layer with a digest of its tree. */
    public Committed with(TreeDigest taken) {
      return new Committed(id, key, ancestry, labels, created, updated, usage, Optional.of(taken));
    }

    /** The same layer with another usage. */
    public Committed measured(Usage found) {
      return new Committed(id, key, ancestry, labels, created, updated, found);
    }

    /** Where a child of this one stands. */
    public Ancestry ofChild() {
      List<SnapshotId> ids = new ArrayList<>(ancestry.depth() + 1);
      ids.add(id);
      ids.addAll(ancestry.ids());
      return new Ancestry(key, ids);
    }
  }
}
