package dev.fuselage.cleanup;

import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare.Step;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.metadata.DamagedStoreException;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.RecordLog;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.metadata.StoreDirectory;
import dev.fuselage.metadata.StoreFormat;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes the store again from what lies beside the layers, while nobody has it open. What was there
 * is moved aside, never deleted. A directory that can't be brought back stays as it is, barred
 * under its id in the new store's quarantine, so that no reconciliation takes it for an orphan.
 */
public final class Rebuild {
  private final Root root;
  private final SnapshotDirectories directories;
  private final Clock clock;

  /** Puts a store of before into an empty directory, for what the directories don't say. */
  @FunctionalInterface
  public interface Seed {
    void plant(Path directory) throws IOException;
  }

  public Rebuild(Root root, SnapshotDirectories directories, Clock clock) {
    this.root = root;
    this.directories = directories;
    this.clock = clock;
  }

  /** From the directories alone. */
  public RebuildReport run(StoreWork work) throws IOException {
    return run(directory -> {}, work);
  }

  /** From the directories, and from a store of before where they say nothing. */
  public RebuildReport run(Seed seed, StoreWork work) throws IOException {
    StoreDirectory place = new StoreDirectory(root.store());
    Path fresh = place.makeRoom();
    seed.plant(fresh);
    RebuildReport report;
    try (RocksStore store = RocksStore.open(fresh)) {
      StoreFormat.CURRENT.bring(store, StoreFormat.COPY);
      report = fill(store, work);
    } catch (DamagedStoreException e) {
      throw new IOException("the store to begin from is damaged: " + e.getMessage(), e);
    }
    return report.keptIn(place.install(clock.instant()).map(Path::toString).orElse(""));
  }

  private RebuildReport fill(MetadataStore store, StoreWork work) throws IOException {
    Map<SnapshotId, Snapshot> remembered = remembered(store);
    Map<SnapshotId, String> unreadable = new HashMap<>();
    Map<SnapshotId, Optional<RecordLog.Entry>> found = found(work, unreadable);
    Claims.Verdict verdict = Claims.judge(found, remembered);
    unreadable.forEach((id, why) -> verdict.refused().replace(id, why));
    List<Snapshot> snapshots = new ArrayList<>();
    Map<SnapshotId, String> doubtful = new TreeMap<>();
    for (RecordLog.Entry entry : verdict.accepted()) {
      if (entry.announced() && entry.snapshot() instanceof Snapshot.Committed layer) {
        String doubt =
            "its commit was under way when power or the service failed: its files may be incomplete";
        try {
          snapshots.add(measured(layer));
        } catch (SnapshotException e) {
          if (e.code() == SnapshotException.Code.RESOURCE_EXHAUSTED) {
            throw e;
          }
          snapshots.add(layer);
          doubt += ", and can't be measured: " + e.getMessage();
        }
        doubtful.put(layer.id(), doubt);
      } else {
        snapshots.add(entry.snapshot());
        entry.quarantine().ifPresent(reason -> doubtful.put(entry.snapshot().id(), reason));
      }
    }
    List<String> gone = new ArrayList<>();
    for (Snapshot snapshot : remembered.values()) {
      if (!found.containsKey(snapshot.id())) {
        gone.add(snapshot.key());
      }
    }
    gone.sort(null);
    Reconciler.highestId(root.snapshots(), root.trash()).ifPresent(store::skipIds);
    work.begin(Step.WRITE, 0);
    write(store, remembered, snapshots, doubtful, verdict.refused());
    return report(snapshots, doubtful, verdict.refused(), gone);
  }

  private static Map<SnapshotId, Snapshot> remembered(MetadataStore store) {
    Map<SnapshotId, Snapshot> remembered = new HashMap<>();
    try (Listing<Snapshot> listing = store.list()) {
      listing.forEachRemaining(snapshot -> remembered.put(snapshot.id(), snapshot));
    }
    return remembered;
  }

  private Map<SnapshotId, Optional<RecordLog.Entry>> found(
      StoreWork work, Map<SnapshotId, String> unreadable) throws IOException {
    Map<SnapshotId, Optional<RecordLog.Entry>> found = new LinkedHashMap<>();
    List<String> names = root.snapshots().names();
    work.begin(Step.READ_RECORDS, names.size());
    for (String name : names) {
      Optional<SnapshotId> id = SnapshotId.parse(name);
      if (id.isPresent()) {
        try {
          found.put(id.get(), directories.records().read(id.get()));
        } catch (PosixException e) {
          if (e.isShortage()) {
            throw e;
          }
          found.put(id.get(), Optional.empty());
          unreadable.put(id.get(), "what lies beside it can't be read: " + e.getMessage());
        }
      }
      work.done();
    }
    return found;
  }

  private Snapshot.Committed measured(Snapshot.Committed layer) {
    Usage usage = directories.measure(layer.id(), Call.PATIENT).orElse(Usage.NONE);
    return layer.measured(usage);
  }

  /**
   * All or nothing, so that a rebuild that is cut short leaves a store that is seen to be empty.
   */
  private static void write(
      MetadataStore store,
      Map<SnapshotId, Snapshot> remembered,
      List<Snapshot> snapshots,
      Map<SnapshotId, String> doubtful,
      Map<SnapshotId, String> refused) {
    Set<SnapshotId> barred = new HashSet<>(store.quarantine().keySet());
    snapshots.forEach(snapshot -> barred.remove(snapshot.id()));
    store.update(
        transaction -> {
          remembered.values().forEach(transaction::delete);
          barred.forEach(transaction::release);
          snapshots.forEach(transaction::put);
          doubtful.forEach(transaction::quarantine);
          refused.forEach(transaction::quarantine);
          return snapshots.size();
        });
  }

  private static RebuildReport report(
      List<Snapshot> snapshots,
      Map<SnapshotId, String> doubtful,
      Map<SnapshotId, String> refused,
      List<String> gone) {
    int committed = 0;
    int active = 0;
    int views = 0;
    for (Snapshot snapshot : snapshots) {
      switch (snapshot) {
        case Snapshot.Committed _ -> committed++;
        case Snapshot.Active _ -> active++;
        case Snapshot.View _ -> views++;
      }
    }
    return new RebuildReport(committed, active, views, doubtful, refused, gone, "");
  }
}
