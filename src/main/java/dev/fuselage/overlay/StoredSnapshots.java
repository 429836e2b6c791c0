package dev.fuselage.overlay;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Stages;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is asked of records before and within mutations of the store, so that a look taken before is
 * the same when it is taken again.
 */
final class StoredSnapshots {
  private final MetadataStore store;
  private final Stages stages;

  /** The store, or a transaction's view of it. */
  @FunctionalInterface
  interface Lookup {
    Optional<Snapshot> find(String key);
  }

  StoredSnapshots(MetadataStore store, Stages stages) {
    this.store = store;
    this.stages = stages;
  }

  Optional<Snapshot> find(String key) {
    return store.find(key);
  }

  Snapshot found(String key) {
    return found(store.find(key), key);
  }

  static Snapshot found(Optional<Snapshot> snapshot, String key) {
    return snapshot.orElseThrow(() -> SnapshotException.notFound(key));
  }

  static Snapshot.Active active(Optional<Snapshot> snapshot, String key) {
    if (found(snapshot, key) instanceof Snapshot.Active active) {
      return active;
    }
    throw SnapshotException.failedPrecondition("snapshot %s is not active", Quote.of(key));
  }

  static void checkFree(Optional<Snapshot> taken) {
    if (taken.isPresent()) {
      throw SnapshotException.alreadyExists(taken.get().key());
    }
  }

  /** What a snapshot upon a parent has below it; nothing for an empty parent. */
  static Ancestry ancestryUpon(String parent, Lookup lookup) {
    if (parent.isEmpty()) {
      return Ancestry.NONE;
    }
    return switch (found(lookup.find(parent), parent)) {
      case Snapshot.Committed committed -> committed.ofChild();
      case Snapshot.Active active -> throw notCommitted(parent, active.kind());
      case Snapshot.View view -> throw notCommitted(parent, view.kind());
    };
  }

  private static SnapshotException notCommitted(String parent, Kind kind) {
    return SnapshotException.invalidArgument(
        "parent %s is not committed: its kind is %s", Quote.of(parent), kind.label());
  }

  /** Whether a key has a snapshot, and not another one than before. */
  boolean isStill(String key, SnapshotId id) {
    return store.find(key).filter(found -> found.id().equals(id)).isPresent();
  }

  /** Why nothing was found where a snapshot keeps its files. */
  SnapshotException unmeasured(Snapshot.Active active, Path files) {
    return isStill(active.key(), active.id())
        ? SnapshotException.failedPrecondition(
            "snapshot %s has lost its directory %s", Quote.of(active.key()), files)
        : SnapshotException.notFound(active.key());
  }

  /** Why a snapshot is in quarantine; empty if it is not. */
  Optional<String> quarantine(SnapshotId id) {
    return Optional.ofNullable(store.quarantine().get(id));
  }

  /** Refuses layers that are in quarantine. */
  void checkUsable(Ancestry ancestry) {
    if (!store.quarantine().isEmpty()) {
      ancestry.ids().forEach(this::checkUsable);
    }
  }

  void checkUsable(SnapshotId id) {
    String reason = store.quarantine().get(id);
    if (reason != null) {
      throw SnapshotException.failedPrecondition("snapshot %s is in quarantine: %s", id, reason);
    }
  }

  /** As {@link #updateOrUnknown}, for mutations after which nothing is to be tidied. */
  <T> T update(MetadataStore.Mutation<T> mutation) {
    try {
      return updateOrUnknown(mutation);
    } catch (UnknownOutcomeException e) {
      throw e.failure();
    }
  }

  /**
   * Runs a mutation.
   *
   * @throws UnknownOutcomeException if it may be there after a restart
   */
  <T> T updateOrUnknown(MetadataStore.Mutation<T> mutation) {
    try (Stages.Stage _ = stages.begin(Stages.Part.STORE)) {
      return store.update(mutation);
    }
  }
}
