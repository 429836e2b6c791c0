package dev.fuselage.overlay;

import dev.fuselage.cleanup.Reaper;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Subject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The real snapshotter upon a root of its own, for tests; without the sync of a layer's data. */
public final class OverlaySubject {
  /** Those of fuse-overlayfs with nothing out of the ordinary. */
  static final OverlaySnapshotter.Settings SETTINGS =
      new OverlaySnapshotter.Settings(
          new MountSettings(Driver.FUSE_OVERLAYFS, List.of(), true, false, false),
          new Limits(4096, 1 << 20, 256),
          false,
          false);

  private OverlaySubject() {}

  /** Bars a layer of the subject from use, as the reconciler does with a damaged one. */
  public static void quarantine(Subject subject, String name, String reason) {
    for (AutoCloseable part : subject.parts()) {
      if (part instanceof RocksStore store) {
        SnapshotId id = store.find(name).orElseThrow().id();
        store.update(
            transaction -> {
              transaction.quarantine(id, reason);
              return id;
            });
      }
    }
  }

  public static Subject open(Path rootDirectory) throws Exception {
    Root root = Root.open(rootDirectory);
    root.settle(Driver.FUSE_OVERLAYFS);
    RocksStore store = RocksStore.open(root.store());
    Reaper reaper =
        new Reaper(
            root.trash(),
            new Reaper.Settings(
                100_000, Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofSeconds(1)));
    OverlaySnapshotter snapshotter =
        new OverlaySnapshotter(
            store,
            new SnapshotDirectories(root, SyncMode.METADATA),
            reaper,
            SETTINGS,
            Clock.systemUTC());
    return Subject.of(snapshotter, root, store, reaper);
  }
}
