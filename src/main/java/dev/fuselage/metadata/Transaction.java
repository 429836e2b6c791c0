package dev.fuselage.metadata;

import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;

/** The store as one mutation sees it: all that came before, and what it did itself. */
public interface Transaction {
  /** The snapshot of a key or name; empty if there is none. */
  Optional<Snapshot> find(String key);

  /** Whether any snapshot stands directly upon a layer. */
  boolean hasChildren(Snapshot.Committed layer);

  /** Adds a snapshot, or replaces the one of the same key and id. */
  void put(Snapshot snapshot);

  /** Forgets the record of a snapshot. */
  void delete(Snapshot snapshot);

  /**
   * Bars a snapshot, and with it all above it, from being used.
   *
   * @param reason for a person who meets it in an error or in {@link MetadataStore#quarantine()}
   */
  void quarantine(SnapshotId id, String reason);

  /** Keeps a number under a name, in the place of the one before. */
  void number(String name, long value);

  /** Takes a snapshot out of quarantine. */
  void release(SnapshotId id);
}
