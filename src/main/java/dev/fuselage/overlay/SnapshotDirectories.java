package dev.fuselage.overlay;

import dev.fuselage.metadata.SyncMeter;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.FileStatus;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.TreeWalker;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.TreeDigest;
import dev.fuselage.snapshot.Usage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** The directories of snapshots: made, measured, synced, and moved to the trash. Ids only. */
public final class SnapshotDirectories {
  private static final Logger LOG = Logger.getLogger(SnapshotDirectories.class);

  private static final int PRIVATE = 0700;
  private static final int FS_MODE = 0755;
  private static final int WORK_MODE = 0711;

  /** Longer than any removal takes on a disk that answers. */
  private static final long REMOVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Directory snapshots;
  private final Directory trash;
  private final Path path;
  private final SharedSync entrySync;
  private final SharedSync dataSync;

  /** Whether data was synced since {@link #syncDataOnceInAWhile} last asked. */
  private final AtomicBoolean synced = new AtomicBoolean();

  private final SyncMode sync;
  private final boolean inOrder;
  private final RecordFiles records;
  private final SpaceGuard space;
  private final RemovalsInFlight removals = new RemovalsInFlight();

  /** An owner of files. */
  record Owner(int uid, int gid) {}

  /** With nothing to guard the space. */
  public SnapshotDirectories(Root root, SyncMode sync) {
    this(root, sync, new SpaceGuard(root, SpaceGuard.Settings.NONE));
  }

  public SnapshotDirectories(Root root, SyncMode sync, SpaceGuard space) {
    this.sync = sync;
    this.space = space;
    snapshots = root.snapshots();
    trash = root.trash();
    path = root.path().resolve("snapshots");
    entrySync = new SharedSync(snapshots::sync);
    dataSync =
        new SharedSync(
            () -> {
              root.directory().syncFileSystem();
              synced.set(true);
            });
    inOrder = root.syncsInOrder();
    records = new RecordFiles(snapshots, sync);
  }

  /** The records that lie beside the snapshots' files. */
  public RecordFiles records() {
    return records;
  }

  /** The directory that takes a snapshot's files. */
  public Path fs(SnapshotId id) {
    return path.resolve(fsName(id));
  }

  /** The overlay's scratch directory of an active snapshot. */
  Path work(SnapshotId id) {
    return path.resolve(workName(id));
  }

  private static String fsName(SnapshotId id) {
    return id + "/fs";
  }

  private static String workName(SnapshotId id) {
    return id + "/work";
  }

  /** Who owns a snapshot's {@code fs}; empty if it is gone. */
  Optional<Owner> ownerOf(SnapshotId id) {
    try {
      FileStatus status = snapshots.status(fsName(id));
      return Optional.of(new Owner(status.uid(), status.gid()));
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw Failures.of(e);
    }
  }

  /**
   * Makes the directories of a new snapshot, and its record beside them. If that fails, none are
   * left.
   *
   * @param owner of its {@code fs}; empty for the process's own
   * @throws SnapshotException RESOURCE_EXHAUSTED, also if it only is below the threshold
   */
  void create(Snapshot snapshot, Optional<Owner> owner) {
    SnapshotId id = snapshot.id();
    space.checkRoom();
    try {
      snapshots.makeDirectory(id.toString(), PRIVATE);
      try {
        snapshots.makeDirectory(fsName(id), FS_MODE);
        if (snapshot instanceof Snapshot.Active) {
          snapshots.makeDirectory(workName(id), WORK_MODE);
        }
        if (owner.isPresent()) {
          snapshots.changeOwner(fsName(id), owner.get().uid(), owner.get().gid());
        }
        records.create(snapshot);
        // Where syncs are in order, that of the record has put all that was made before it there.
        if (sync == SyncMode.FULL && !inOrder) {
          syncEntries(id);
        }
      } catch (PosixException e) {
        discard(id);
        throw e;
      }
    } catch (PosixException e) {
      throw Failures.of(e);
    }
  }

  private void syncEntries(SnapshotId id) throws PosixException {
    try (Directory directory = snapshots.openDirectory(id.toString())) {
      directory.sync();
    }
    entrySync.await();
  }

  /** Takes the empty directories of a snapshot that came to nothing away. */
  void discard(SnapshotId id) {
    try {
      ifThere(() -> snapshots.removeFile(id + "/" + RecordFiles.NAME));
      for (String name : new String[] {workName(id), fsName(id), id.toString()}) {
        ifThere(() -> snapshots.removeDirectory(name));
      }
    } catch (PosixException e) {
      // Reconciliation finds it.
      LOG.warnf("op=discard id=%s left behind: %s", id, e.getMessage());
    }
  }

  private static void ifThere(SharedSync.Action removal) throws PosixException {
    try {
      removal.run();
    } catch (PosixException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /** Returns when all that was written to the file system before is on disk, if told to sync. */
  void syncData() {
    if (sync != SyncMode.FULL) {
      return;
    }
    try {
      dataSync.await();
    } catch (PosixException e) {
      throw Failures.of(e);
    }
  }

  /**
   * As {@link #syncData}, but one sync since the last call is enough: for who wants to know whether
   * the disk takes data, and has none.
   */
  void syncDataOnceInAWhile() {
    if (!synced.getAndSet(false)) {
      syncData();
      synced.set(false);
    }
  }

  /** What the syncs of layers' data took. */
  public SyncMeter dataSyncs() {
    return dataSync.meter();
  }

  /** What the syncs took that put new directories on the disk. */
  public SyncMeter entrySyncs() {
    return inOrder ? records.syncs() : entrySync.meter();
  }

  /** What a snapshot takes now; empty if it is gone. */
  public Optional<Usage> measure(SnapshotId id, Call call) {
    try {
      TreeWalker.Totals totals = TreeWalker.measure(snapshots, fsName(id), call::check);
      return Optional.of(new Usage(totals.bytes(), totals.inodes()));
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw Failures.of(e);
    }
  }

  /**
   * What a snapshot takes and what it is made of.
   *
   * @param entries names that were met
   */
  public record Survey(Usage usage, long entries, TreeDigest digest) {}

  /**
   * Measures a snapshot as {@link #measure} does, and takes digests of it in the same walk; empty
   * if it is gone.
   *
   * @param contents whether files are read
   */
  public Optional<Survey> survey(SnapshotId id, boolean contents, TreeWalker.Pace pace)
      throws PosixException {
    try {
      TreeWalker.Survey found = TreeWalker.survey(snapshots, fsName(id), contents, pace);
      return Optional.of(
          new Survey(
              new Usage(found.totals().bytes(), found.totals().inodes()),
              found.entries(),
              new TreeDigest(found.metadata(), found.contents())));
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** As a commit does it. */
  Optional<Survey> survey(SnapshotId id, boolean contents, Call call) {
    try {
      return survey(
          id,
          contents,
          (entries, calling) -> {
            if (calling) {
              call.check();
            }
          });
    } catch (PosixException e) {
      throw Failures.of(e);
    }
  }

  /** Paths inside a snapshot of what was changed since a time; some of them if there are many. */
  public List<String> changedSince(SnapshotId id, Instant since, int most, Call call)
      throws PosixException {
    return TreeWalker.changedSince(snapshots, fsName(id), since, most, call::check).stream()
        .map(
            path ->
                path.equals("fs")
                    ? "."
                    : path.startsWith("fs/") ? path.substring("fs/".length()) : path)
        .toList();
  }

  /** Sees to it that a removal can be written down. */
  void beforeRemoval() {
    space.beforeRemoval();
  }

  /** Tells that a record is about to go, and then its directory. */
  RemovalsInFlight.Removal beginRemoval() {
    return removals.begin();
  }

  /**
   * Whether a directory is there to stay whose record is gone: waits for the removals that are
   * under way, which may be about to take it.
   *
   * @return false also if a removal takes so long that it can't be told
   */
  public boolean isAbandoned(SnapshotId id, Call call) throws PosixException {
    if (!isThere(id)) {
      return false;
    }
    long now = removals.now();
    long end = System.nanoTime() + REMOVAL_NANOS;
    try {
      while (!removals.areOver(now)) {
        call.check();
        if (System.nanoTime() - end >= 0) {
          LOG.debugf("op=trash id=%s is not told from one that is being removed", id);
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return isThere(id);
  }

  private boolean isThere(SnapshotId id) throws PosixException {
    try {
      FileStatus unused = snapshots.status(id.toString());
      return true;
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Moves a snapshot's directory to the trash; in constant time, whatever it holds.
   *
   * @return whether it was there to be moved
   */
  public boolean moveToTrash(SnapshotId id) {
    try {
      snapshots.rename(id.toString(), trash, id.toString());
      return true;
    } catch (PosixException e) {
      if (!e.is(Errno.ENOENT)) {
        // Nobody can reach it any more; reconciliation finds it at the next start.
        LOG.warnf("op=trash id=%s stays in place: %s", id, e.getMessage());
      }
      return false;
    }
  }
}
