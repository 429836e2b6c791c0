package dev.fuselage.overlay;

import dev.fuselage.metadata.RocksStore;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Stages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** A root of a test's own with all that looks at what it takes; nothing empties its trash. */
public final class OwnedRoot implements AutoCloseable {
  private final Root root;
  private final RocksStore store;
  private final SnapshotDirectories directories;
  private final UsageCache usages;
  private final Snapshotter snapshotter;

  private OwnedRoot(Path path, Stages stages) throws Exception {
    root = Root.open(path);
    root.settle(Driver.FUSE_OVERLAYFS);
    store = RocksStore.open(root.store());
    directories = new SnapshotDirectories(root, SyncMode.METADATA);
    usages = new UsageCache(directories::measure, Duration.ZERO, System::nanoTime);
    snapshotter =
        new OverlaySnapshotter(
            store,
            directories,
            new IdleReclaimer(),
            OverlaySubject.SETTINGS,
            Clock.systemUTC(),
            usages,
            stages);
  }

  public static OwnedRoot open(Path path) throws Exception {
    return open(path, Stages.NONE);
  }

  /** As {@link #open(Path)}, with somebody who hears what calls wait for. */
  public static OwnedRoot open(Path path, Stages stages) throws Exception {
    return new OwnedRoot(path, stages);
  }

  public Path path() {
    return root.path();
  }

  public RocksStore store() {
    return store;
  }

  public UsageCache usages() {
    return usages;
  }

  public DiskSurvey survey() {
    return new DiskSurvey(root);
  }

  public Snapshotter snapshotter() {
    return snapshotter;
  }

  /** Writes a file into an active snapshot. */
  public void write(String key, int bytes) throws IOException {
    Path file = directories.fs(store.find(key).orElseThrow().id()).resolve("file");
    Files.write(file, new byte[bytes]);
  }

  /** What {@code du} says that it takes. */
  public long du() throws IOException {
    Process du =
        new ProcessBuilder("du", "--summarize", "--block-size=1", path().toString()).start();
    String line = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(line.split("\t", 2)[0]);
  }

  @Override
  public void close() {
    store.close();
    root.close();
  }
}
