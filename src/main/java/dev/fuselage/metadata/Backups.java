package dev.fuselage.metadata;

import dev.fuselage.admin.StoreCare.Backup;
import dev.fuselage.admin.StoreCare.Step;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BackupEngine;
import org.rocksdb.BackupEngineOptions;
import org.rocksdb.BackupInfo;
import org.rocksdb.Env;
import org.rocksdb.RestoreOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The backups of a store in a directory of their own, by RocksDB's own engine: each is whole, and
 * those that hold the same table share its file. One method at a time runs; each opens the engine
 * and closes it, so that nothing is held in between.
 */
public final class Backups {
  static {
    // Nobody may have opened a store in this process: a restore begins with the backups.
    RocksDB.loadLibrary();
  }

  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path directory;

  public Backups(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes a backup of an open store, while it is read and written.
   *
   * @param reason why, for a person who lists them
   */
  public Backup create(KeptStore store, String reason) throws IOException {
    return create(engine -> store.backUp(engine, reason));
  }

  /** As {@link #create(KeptStore, String)}. */
  public Backup create(RocksStore store, String reason) throws IOException {
    return create(engine -> store.backUp(engine, reason));
  }

  private synchronized Backup create(Copying copying) throws IOException {
    Files.createDirectories(directory, PRIVATE);
    return withEngine(
        engine -> {
          copying.into(engine);
          return backup(engine.getBackupInfo().getLast());
        });
  }

  /** All that there are, oldest first. */
  public synchronized List<Backup> list() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    return withEngine(engine -> engine.getBackupInfo().stream().map(Backups::backup).toList());
  }

  private static Backup backup(BackupInfo info) {
    return new Backup(
        info.backupId(),
        Instant.ofEpochSecond(info.timestamp()),
        info.size(),
        String.valueOf(info.appMetadata()));
  }

  /**
   * Restores a backup to a temporary place, and reads all of it there.
   *
   * @param scratch a directory to be made and deleted
   * @return how many snapshots it holds
   * @throws SnapshotException NOT_FOUND if there is no such backup, FAILED_PRECONDITION if it is
   *     damaged
   */
  public synchronized long verify(int id, Path scratch, StoreWork work) throws IOException {
    StoreDirectory.deleteTree(scratch);
    try {
      restore(id, scratch, work);
      try (RocksStore store = RocksStore.open(scratch)) {
        StoreFormat.CURRENT.bring(store, StoreFormat.COPY);
        work.begin(Step.CHECK_BLOCKS, 0);
        List<String> faults = store.check();
        if (!faults.isEmpty()) {
          throw damaged(id, faults.getFirst());
        }
        return count(store, work);
      } catch (DamagedStoreException e) {
        throw damaged(id, String.valueOf(e.getMessage()));
      }
    } finally {
      StoreDirectory.deleteTree(scratch);
    }
  }

  private static long count(MetadataStore store, StoreWork work) {
    work.begin(Step.READ_SNAPSHOTS, 0);
    long count = 0;
    try (Listing<Snapshot> listing = store.list()) {
      while (listing.hasNext()) {
        listing.next();
        work.done();
        count++;
      }
    }
    return count;
  }

  /**
   * Writes what a backup holds into a directory.
   *
   * @throws SnapshotException as {@link #verify}
   */
  public synchronized void restore(int id, Path target, StoreWork work) {
    if (list().stream().noneMatch(backup -> backup.id() == id)) {
      throw new SnapshotException(
          SnapshotException.Code.NOT_FOUND, "there is no backup " + id + " in " + directory);
    }
    work.begin(Step.RESTORE, 0);
    try (BackupEngineOptions options = options();
        BackupEngine engine = BackupEngine.open(Env.getDefault(), options);
        RestoreOptions restore = new RestoreOptions(false)) {
      engine.restoreDbFromBackup(id, target.toString(), target.toString(), restore);
    } catch (RocksDBException e) {
      throw RocksColumns.isDamage(e)
          ? damaged(id, String.valueOf(e.getMessage()))
          : RocksColumns.failure(e);
    }
  }

  private SnapshotException damaged(int id, String why) {
    return SnapshotException.failedPrecondition(
        "backup %d in %s is damaged: %s", id, directory, why);
  }

  /**
   * Deletes what is beyond a number, and what is too old; never the youngest.
   *
   * @return the ids of those deleted
   */
  public synchronized List<Integer> prune(int keep, Duration age, Instant now) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    return withEngine(
        engine -> {
          List<Integer> deleted = new ArrayList<>();
          List<BackupInfo> all = engine.getBackupInfo();
          for (int i = 0; i < all.size() - 1; i++) {
            BackupInfo info = all.get(i);
            boolean surplus = i < all.size() - keep;
            boolean old = Instant.ofEpochSecond(info.timestamp()).isBefore(now.minus(age));
            if (surplus || old) {
              engine.deleteBackup(info.backupId());
              deleted.add(info.backupId());
            }
          }
          return deleted;
        });
  }

  private BackupEngineOptions options() {
    return new BackupEngineOptions(directory.toString())
        .setSync(true)
        .setShareTableFiles(true)
        .setShareFilesWithChecksum(true);
  }

  private <T> T withEngine(Work<T> work) {
    try (BackupEngineOptions options = options();
        BackupEngine engine = BackupEngine.open(Env.getDefault(), options)) {
      return work.run(engine);
    } catch (RocksDBException e) {
      throw RocksColumns.failure(e);
    }
  }

  /** What adds a backup to those of an engine. */
  @FunctionalInterface
  private interface Copying {
    void into(BackupEngine engine) throws RocksDBException;
  }

  /** What is done with the open engine. */
  @FunctionalInterface
  private interface Work<T> {
    T run(BackupEngine engine) throws RocksDBException;
  }
}
