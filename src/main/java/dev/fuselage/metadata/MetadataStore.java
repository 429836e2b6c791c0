package dev.fuselage.metadata;

import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Remembers snapshots. Reads never wait for writes.
 *
 * <p>Every method throws a {@link SnapshotException} UNAVAILABLE once the store is closed or fails,
 * and RESOURCE_EXHAUSTED if it fails for want of space.
 */
public interface MetadataStore extends AutoCloseable {
  /** The snapshot of a key or name; empty if there is none. */
  Optional<Snapshot> find(String key);

  /** All snapshots as they stand at the call, in the order of their keys' bytes. */
  Listing<Snapshot> list();

  /**
   * Runs a mutation alone, and returns when what it did is durable. If it throws, all of it is
   * undone. It must be short and must touch nothing but its transaction, since all others wait.
   *
   * @throws UnknownOutcomeException if it is not known whether the mutation will be found after a
   *     restart
   */
  <T> T update(Mutation<T> mutation);

  /** An id that was never given out before, nor will be again, not even after a crash. */
  SnapshotId newId();

  /** Makes {@link #newId()} pass over all ids up to this one. */
  void skipIds(SnapshotId last);

  /** The snapshots that are not to be used, each with the reason. A live, unmodifiable view. */
  Map<SnapshotId, String> quarantine();

  /** A number that a mutation kept under a name; empty if none did. */
  OptionalLong number(String name);

  /**
   * Looks at the checksums of the store's own files, while it is used.
   *
   * @return a sentence for each fault that was found
   */
  List<String> check();

  /** Ends what reads, lets what writes finish, and closes. Twice is harmless. */
  @Override
  void close();

  /** What is done to the store as a whole or not at all. */
  @FunctionalInterface
  interface Mutation<T> {
    /**
     * Makes the change. Called once, and maybe on the thread of another caller.
     *
     * @throws SnapshotException to undo it
     */
    T apply(Transaction transaction);
  }
}
