package dev.fuselage.cleanup;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Brings records and directories together again after a crash: a directory without a record goes to
 * the trash, a record without its directory into quarantine. Committed data is never deleted by it.
 */
public final class Reconciler {
  private static final Logger LOG = Logger.getLogger(Reconciler.class);

  private final MetadataStore store;
  private final Directory snapshots;
  private final SnapshotDirectories directories;
  private final DirectoryCheck check;
  private final Quarantiner quarantiner;

  /**
   * What was found.
   *
   * @param orphans directories moved to the trash
   * @param damaged snapshots put into quarantine
   * @param foreign entries that are none of ours, left where they are
   * @param failed snapshots that the disk did not let be looked at, or written down
   */
  public record Report(int orphans, int damaged, int foreign, int failed) {}

  public Reconciler(MetadataStore store, Directory snapshots, SnapshotDirectories directories) {
    this.store = store;
    this.snapshots = snapshots;
    this.directories = directories;
    this.check = new DirectoryCheck(snapshots);
    this.quarantiner = new Quarantiner(store, directories.records(), "reconcile");
  }

  /** The highest id that a directory has, empty where there are none. */
  public static Optional<SnapshotId> highestId(Directory... directories) throws PosixException {
    Optional<SnapshotId> highest = Optional.empty();
    for (Directory directory : directories) {
      for (String name : directory.names()) {
        Optional<SnapshotId> id = SnapshotId.parse(name);
        if (id.isPresent() && (highest.isEmpty() || id.get().compareTo(highest.get()) > 0)) {
          highest = id;
        }
      }
    }
    return highest;
  }

  /**
   * Runs while calls are served.
   *
   * @param last only ids up to this one are looked at: given out before any call that may still be
   *     under way, so that nothing half made is taken for an orphan
   */
  public Report run(SnapshotId last) throws PosixException {
    // Directories first: one whose record is not in the later listing has lost it, or is on its
    // way to the trash anyway.
    List<SnapshotId> onDisk = new ArrayList<>();
    Optional<SnapshotId> highest = Optional.empty();
    int foreign = 0;
    for (String name : snapshots.names()) {
      Optional<SnapshotId> id = SnapshotId.parse(name);
      if (id.isEmpty()) {
        foreign++;
        LOG.warnf("op=reconcile %s/%s is not ours, left alone", snapshots.path(), name);
      } else if (id.get().compareTo(last) <= 0) {
        onDisk.add(id.get());
      } else if (highest.isEmpty() || id.get().compareTo(highest.get()) > 0) {
        highest = id;
      }
    }
    Map<SnapshotId, Snapshot> recorded = recorded(last);
    // Orphans first: a record file that is behind may need the space that they take.
    int orphans = 0;
    for (SnapshotId id : onDisk) {
      // What a rebuild could not bring back is kept until it is released.
      boolean kept = recorded.containsKey(id) || store.quarantine().containsKey(id);
      if (!kept && directories.moveToTrash(id)) {
        orphans++;
        LOG.infof("op=reconcile id=%s has no record, moved to the trash", id);
      }
    }
    int damaged = 0;
    int failed = 0;
    for (Snapshot snapshot : recorded.values()) {
      try {
        Optional<String> fault = check.fault(snapshot.id());
        if (isDamaged(snapshot, fault)) {
          damaged++;
        }
        if (fault.isEmpty() && directories.records().agree(snapshot, store)) {
          LOG.debugf("op=reconcile id=%s its record file was behind", snapshot.id());
        }
      } catch (PosixException e) {
        failed++;
        LOG.warnf("op=reconcile id=%s left for the next time: %s", snapshot.id(), e.getMessage());
      }
    }
    // A directory whose id was never given out would be above every last id until a restart. Passed
    // over as at the start, it is below the next one, and then an orphan like others. One of a call
    // under way is in no danger from that: its id was given out before, so that nothing is passed
    // over, and no last id comes up to it until the call is over.
    highest.ifPresent(store::skipIds);
    return new Report(orphans, damaged, foreign, failed);
  }

  private Map<SnapshotId, Snapshot> recorded(SnapshotId last) {
    Map<SnapshotId, Snapshot> recorded = new HashMap<>();
    try (Listing<Snapshot> listing = store.list()) {
      while (listing.hasNext()) {
        Snapshot snapshot = listing.next();
        if (snapshot.id().compareTo(last) <= 0) {
          recorded.put(snapshot.id(), snapshot);
        }
      }
    }
    return recorded;
  }

  /**
   * Bars what is damaged, and lets go of what was barred for its directory's sake and is whole
   * again, by an operator's hand or since the disk came back.
   */
  private boolean isDamaged(Snapshot snapshot, Optional<String> fault) {
    if (fault.isPresent()) {
      return quarantiner.isCurrent(snapshot) && quarantiner.quarantine(snapshot, fault.get());
    }
    String reason = store.quarantine().get(snapshot.id());
    if (reason == null) {
      return false;
    }
    if (DirectoryCheck.isReasonOfIts(reason)) {
      quarantiner.release(snapshot);
      return false;
    }
    return true;
  }
}
