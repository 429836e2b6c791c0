package dev.fuselage.admin;

import dev.fuselage.snapshot.SnapshotException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * Care for the metadata store: its backups, and what brings it back when it is damaged. Each method
 * may last as long as it takes.
 */
public interface StoreCare {
  /**
   * A backup of the store.
   *
   * @param id goes up with each backup
   * @param bytes of its files, those that others share too
   * @param reason why it was made
   */
  record Backup(int id, Instant made, long bytes, String reason) {}

  /**
   * Makes a backup now, while calls are served.
   *
   * @throws SnapshotException UNAVAILABLE if the store does not write, RESOURCE_EXHAUSTED
   */
  Backup backUp();

  /** All backups, oldest first. */
  List<Backup> backups();

  /**
   * Restores a backup to a temporary place, and reads all of it there.
   *
   * @return how many snapshots it holds
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if it is damaged
   */
  long verify(int backup);

  /**
   * Deletes the backups that are too many or too old, never the youngest; the answer is their ids.
   */
  List<Integer> prune();

  /**
   * Makes a damaged store again from what lies beside the layers.
   *
   * @param root which root is meant
   * @throws SnapshotException FAILED_PRECONDITION if its store is not damaged, or another root is
   *     served
   */
  RebuildReport rebuild(Path root);

  /**
   * As {@link #rebuild}, and from a backup where nothing lies beside a layer.
   *
   * @param backup empty for the youngest
   * @throws SnapshotException NOT_FOUND too
   */
  RebuildReport restore(Path root, OptionalInt backup);

  /** Has the store give back the space of what was deleted. */
  void compact();
}
