package dev.fuselage.overlay;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.RecordLog;
import dev.fuselage.metadata.SyncMeter;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.FileStatus;
import dev.fuselage.posix.OpenFile;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What lies beside each snapshot's files: {@code <id>/record}, from which its record in the store
 * can be made again. See docs/decisions/0007.
 *
 * <p>A file says what the store says, or is a little ahead (a new snapshot, a commit under way) or
 * behind (new labels). {@link #agree} brings the two together; who changes a snapshot's record
 * {@linkplain #hold holds} it meanwhile.
 */
public final class RecordFiles {
  private static final Logger LOG = Logger.getLogger(RecordFiles.class);

  static final String NAME = "record";
  static final String FRESH = "record.new";

  private static final int MODE = 0600;

  /** A file that has grown over this is written anew with its last entry. */
  private static final int COMPACT_BYTES = 1 << 18;

  /** More than compaction, one more entry and a torn one ever leave. */
  private static final int MOST_BYTES = 1 << 22;

  private final Directory snapshots;
  private final SyncMode sync;
  private final SnapshotLocks locks = new SnapshotLocks();
  private final SyncMeter syncs = new SyncMeter();

  RecordFiles(Directory snapshots, SyncMode sync) {
    this.snapshots = snapshots;
    this.sync = sync;
  }

  /** Keeps all others from changing what the file of this snapshot says. */
  SnapshotLocks.Held hold(SnapshotId id) {
    return locks.hold(id);
  }

  /** Writes the file of a new snapshot into its directory. */
  void create(Snapshot snapshot) throws PosixException {
    write(name(snapshot.id()), RecordLog.entry(snapshot, Optional.empty()));
  }

  private void write(String name, byte[] entry) throws PosixException {
    try (OpenFile file = snapshots.createFile(name, MODE)) {
      file.write(entry);
      syncIfTold(file);
    }
  }

  private void syncIfTold(OpenFile file) throws PosixException {
    if (sync == SyncMode.FULL) {
      long began = System.nanoTime();
      file.sync();
      syncs.record(System.nanoTime() - began, 1);
    }
  }

  /** What the syncs of these files took. */
  SyncMeter syncs() {
    return syncs;
  }

  /** Says that a commit is under way. Durable with the next sync of the file system. */
  void announce(Snapshot.Committed layer) {
    try (OpenFile file = snapshots.openToAppend(name(layer.id()))) {
      file.write(RecordLog.announcement(layer));
    } catch (PosixException e) {
      if (!e.is(Errno.ENOENT)) {
        throw Failures.of(e);
      }
      // Of a snapshot from before there were such files: the commit's own entry makes it.
    }
  }

  /**
   * Says what the store says. A failure is logged and nothing else: what was asked for is done, and
   * reconciliation writes the file again.
   *
   * @param quarantine why it is in quarantine; empty if it is not
   * @param sync whether the file is on the disk before this returns, where it is told to sync
   */
  void append(Snapshot snapshot, Optional<String> quarantine, boolean sync) {
    String name = name(snapshot.id());
    byte[] entry = RecordLog.entry(snapshot, quarantine);
    try (OpenFile file = snapshots.openToAppend(name)) {
      if (file.size() + entry.length <= COMPACT_BYTES) {
        file.write(entry);
        if (sync) {
          syncIfTold(file);
        }
        return;
      }
    } catch (PosixException e) {
      if (!e.is(Errno.ENOENT)) {
        logFailure(snapshot, e);
        return;
      }
    }
    try {
      rewrite(snapshot.id(), entry);
    } catch (PosixException e) {
      logFailure(snapshot, e);
    }
  }

  private static void logFailure(Snapshot snapshot, PosixException e) {
    LOG.warnf(
        "op=record id=%s what lies beside the snapshot is behind the store: %s",
        snapshot.id(), e.getMessage());
  }

  private void rewrite(SnapshotId id, byte[] entry) throws PosixException {
    String fresh = id + "/" + FRESH;
    try {
      write(fresh, entry);
    } catch (PosixException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      snapshots.removeFile(fresh);
      write(fresh, entry);
    }
    snapshots.replace(fresh, name(id));
  }

  /**
   * What the file of a directory says in the end; empty if there is none, or nothing whole in it.
   */
  public Optional<RecordLog.Entry> read(SnapshotId id) throws PosixException {
    try (OpenFile file = snapshots.openToRead(name(id))) {
      return RecordLog.last(file.read(MOST_BYTES));
    } catch (PosixException e) {
      return switch (Errno.of(e.errno())) {
        case ENOENT, ENOTDIR, EISDIR, ELOOP, EFBIG -> Optional.empty();
        default -> throw e;
      };
    }
  }

  /**
   * Lets a snapshot's file say what the store says, if it does not, and the snapshot has not gone
   * meanwhile.
   *
   * @return whether it was written
   */
  public boolean agree(Snapshot snapshot, MetadataStore store) throws PosixException {
    if (agrees(snapshot, store)) {
      return false;
    }
    try (SnapshotLocks.Held _ = hold(snapshot.id())) {
      Optional<Snapshot> now = current(snapshot, store);
      if (now.isEmpty() || agrees(now.get(), store)) {
        return false;
      }
      rewrite(snapshot.id(), RecordLog.entry(now.get(), quarantine(snapshot.id(), store)));
      return true;
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private static Optional<Snapshot> current(Snapshot snapshot, MetadataStore store) {
    return store.find(snapshot.key()).filter(found -> found.id().equals(snapshot.id()));
  }

  private static Optional<String> quarantine(SnapshotId id, MetadataStore store) {
    return Optional.ofNullable(store.quarantine().get(id));
  }

  /**
   * Bars a snapshot in the store, or lets go of it, and then says so beside it, too.
   *
   * @param mutation of the store
   */
  public void changeQuarantine(Snapshot snapshot, MetadataStore store, Runnable mutation) {
    try (SnapshotLocks.Held _ = hold(snapshot.id())) {
      mutation.run();
      current(snapshot, store)
          .ifPresent(now -> append(now, quarantine(snapshot.id(), store), true));
    }
  }

  private boolean agrees(Snapshot snapshot, MetadataStore store) throws PosixException {
    return read(snapshot.id()).filter(entry -> agrees(entry, snapshot, store)).isPresent();
  }

  private static boolean agrees(RecordLog.Entry entry, Snapshot snapshot, MetadataStore store) {
    return !entry.announced()
        && entry.snapshot().equals(snapshot)
        && entry.quarantine().equals(quarantine(snapshot.id(), store));
  }

  /**
   * What is wrong with a snapshot's file. Nothing while somebody changes the snapshot, who may be
   * about to write it. Of a snapshot that is removed meanwhile it is not to be believed.
   *
   * @return a clause; empty if the file says what the store says
   * @throws PosixException if it can't be told for want of something that is not the disk's
   */
  public Optional<String> fault(Snapshot snapshot, MetadataStore store) throws PosixException {
    if (faultNow(snapshot, store).isEmpty()) {
      return Optional.empty();
    }
    Optional<SnapshotLocks.Held> turn = locks.tryHold(snapshot.id());
    if (turn.isEmpty()) {
      return Optional.empty();
    }
    try (SnapshotLocks.Held _ = turn.get()) {
      Optional<Snapshot> now = current(snapshot, store);
      return now.isPresent() ? faultNow(now.get(), store) : Optional.empty();
    }
  }

  private Optional<String> faultNow(Snapshot snapshot, MetadataStore store) throws PosixException {
    Optional<RecordLog.Entry> entry;
    try {
      entry = read(snapshot.id());
      if (entry.isEmpty() && isMissing(snapshot.id())) {
        return Optional.of("is missing");
      }
    } catch (PosixException e) {
      if (e.isShortage()) {
        throw e;
      }
      return Optional.of("can't be read: " + e.getMessage());
    }
    if (entry.isEmpty()) {
      return Optional.of("holds no whole record");
    }
    if (agrees(entry.get(), snapshot, store)) {
      return Optional.empty();
    }
    return Optional.of(
        entry.get().announced()
            ? "tells of a commit that is not over"
            : "says something else than the store");
  }

  private boolean isMissing(SnapshotId id) throws PosixException {
    try {
      FileStatus unused = snapshots.status(name(id));
      return false;
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return true;
      }
      throw e;
    }
  }

  private static String name(SnapshotId id) {
    return id + "/" + NAME;
  }
}
