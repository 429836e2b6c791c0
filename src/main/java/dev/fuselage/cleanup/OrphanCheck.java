package dev.fuselage.cleanup;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks for directories that no record is of, while calls are served. What is just being made or
 * removed has none for a moment either, and is none of them.
 */
final class OrphanCheck {
  private final MetadataStore store;
  private final Directory snapshots;
  private final SnapshotDirectories directories;
  private final Supplier<Optional<SnapshotId>> settled;

  /**
   * @param settled an id up to which no snapshot is being made, nor will be; empty while there is
   *     none
   */
  OrphanCheck(
      MetadataStore store,
      Directory snapshots,
      SnapshotDirectories directories,
      Supplier<Optional<SnapshotId>> settled) {
    this.store = store;
    this.snapshots = snapshots;
    this.directories = directories;
    this.settled = settled;
  }

  /**
   * Up to which id a directory must have a record, if the records are read after this call; empty
   * if that can't be told now.
   */
  Optional<SnapshotId> settled() {
    try {
      return settled.get();
    } catch (UnknownOutcomeException e) {
      throw e.failure();
    }
  }

  /**
   * Looks at all directories.
   *
   * @param last what {@link #settled} said
   * @param recorded the ids of all records that were there after that
   * @param orphan hears of each
   */
  void look(SnapshotId last, Set<SnapshotId> recorded, Call call, Consumer<SnapshotId> orphan)
      throws PosixException {
    for (String name : snapshots.names()) {
      Optional<SnapshotId> id = SnapshotId.parse(name);
      if (id.isPresent()
          && id.get().compareTo(last) <= 0
          && !recorded.contains(id.get())
          // What a rebuild could not bring back is kept until it is released, and named there.
          && !store.quarantine().containsKey(id.get())
          && directories.isAbandoned(id.get(), call)) {
        orphan.accept(id.get());
      }
    }
  }
}
