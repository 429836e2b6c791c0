package dev.fuselage.admin;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

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

  /** What takes its time in the longer ones of this work. */
  enum Step {
    /** A backup's files are copied. */
    RESTORE,
    /** What lies beside the layers is read. */
    READ_RECORDS,
    /** The new store is written. */
    WRITE,
    /** Every block of a store is read. */
    CHECK_BLOCKS,
    /** Every snapshot of a store is read. */
    READ_SNAPSHOTS
  }

  /**
   * How far such work is.
   *
   * @param done in this step
   * @param of that are to be done in it; 0 where that is not known
   */
  record Progress(Step step, long done, long of) {}

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
   * @param progress hears of each step at its beginning, and where things are counted, too
   * @return how many snapshots it holds
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if it is damaged
   */
  long verify(int backup, Call call, Consumer<Progress> progress);

  /**
   * Deletes the backups that are too many or too old, never the youngest; the answer is their ids.
   */
  List<Integer> prune();

  /**
   * Makes a damaged store again from what lies beside the layers.
   *
   * @param root which root is meant
   * @param call that ends it at its next step when it is abandoned; then nothing was changed
   * @param progress as with {@link #verify}
   * @throws SnapshotException FAILED_PRECONDITION if its store is not damaged, or another root is
   *     served
   */
  RebuildReport rebuild(Path root, Call call, Consumer<Progress> progress);

  /**
   * As {@link #rebuild}, and from a backup where nothing lies beside a layer.
   *
   * @param backup empty for the youngest
   * @throws SnapshotException NOT_FOUND too
   */
  RebuildReport restore(Path root, OptionalInt backup, Call call, Consumer<Progress> progress);

  /** Has the store give back the space of what was deleted. */
  void compact();
}
