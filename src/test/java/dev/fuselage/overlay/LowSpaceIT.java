package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.Needs;
import dev.fuselage.metadata.KeptStore;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.posix.Posix;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snapshotter on a small file system of its own. */
class LowSpaceIT {
  private static final long MEBIBYTE = 1 << 20;
  private static final Labels LARGE = Labels.of(Map.of("large", "x".repeat(4000)));

  @TempDir Path directory;
  private final AtomicLong time = new AtomicLong();
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    Needs.that(Posix.effectiveUid() == 0, "mounting on the host needs root");
    run(
        "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=40m,nr_inodes=20k",
        "fuselage-test",
        directory.toString());
    mounted = true;
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      run("umount", directory.toString());
    }
  }

  private static void run(String... line) throws Exception {
    assertThat(new ProcessBuilder(line).inheritIO().start().waitFor()).isZero();
  }

  /** Writes until only so much is free. */
  private void fillUpTo(long free) throws IOException {
    try (OutputStream file = Files.newOutputStream(directory.resolve("filler"))) {
      byte[] block = new byte[4096];
      while (Files.getFileStore(directory).getUsableSpace() > free) {
        file.write(block);
      }
    }
    later();
  }

  private void later() {
    time.addAndGet(2_000_000_000L);
  }

  private static void assertExhausted(Runnable call, String reason) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.RESOURCE_EXHAUSTED))
        .hasMessageContaining(reason);
  }

  private SpaceGuard guard(Root root) {
    return new SpaceGuard(
        root.directory(),
        new SpaceGuard.Settings(OptionalLong.of(8 * MEBIBYTE), 8 * MEBIBYTE),
        time::get);
  }

  private static KeptStore store(Root root, SpaceGuard guard) {
    return KeptStore.open(
        root.store(),
        new KeptStore.Settings(
            () -> false,
            opened -> {},
            health -> {
              if (health instanceof StoreHealth.Failing) {
                guard.release();
              }
            },
            Duration.ofMillis(100)));
  }

  private static OverlaySnapshotter snapshotter(Root root, KeptStore store, SpaceGuard guard) {
    return new OverlaySnapshotter(
        store,
        new SnapshotDirectories(root, SyncMode.FULL, guard),
        new IdleReclaimer(),
        OverlaySubject.SETTINGS,
        Clock.systemUTC());
  }

  @Test
  void newSnapshotsAreRefusedBelowTheThresholdAndRemovalsAreNot() throws Exception {
    try (Root root = Root.open(directory)) {
      SpaceGuard guard = guard(root);
      try (KeptStore store = store(root, guard)) {
        OverlaySnapshotter snapshotter = snapshotter(root, store, guard);
        guard.keepReserve();
        snapshotter.prepare(Call.PATIENT, "before", "", Labels.NONE);
        fillUpTo(4 * MEBIBYTE);

        assertExhausted(
            () -> snapshotter.prepare(Call.PATIENT, "new", "", Labels.NONE),
            "fuselage.low-space.threshold");
        assertExhausted(
            () -> snapshotter.view(Call.PATIENT, "new", "", Labels.NONE),
            "remove containers or images");
        snapshotter.remove(Call.PATIENT, "before");

        Files.delete(directory.resolve("filler"));
        later();
        snapshotter.prepare(Call.PATIENT, "new", "", Labels.NONE);
      }
    }
  }

  @Test
  void theReserveLetsRemovalsBeWrittenOnAFullDiskAndIsKeptAgainAfterwards() throws Exception {
    try (Root root = Root.open(directory)) {
      SpaceGuard guard = guard(root);
      try (KeptStore store = store(root, guard)) {
        OverlaySnapshotter snapshotter = snapshotter(root, store, guard);
        guard.keepReserve();
        assertThat(directory.resolve("reserve")).hasSize(8 * MEBIBYTE);
        for (int i = 0; i < 20; i++) {
          snapshotter.prepare(Call.PATIENT, "key-" + i, "", LARGE);
        }
        fillUpTo(0);

        for (int i = 0; i < 20; i++) {
          snapshotter.remove(Call.PATIENT, "key-" + i);
        }

        assertThat(directory.resolve("reserve")).doesNotExist();
        assertThat(store.health()).isEqualTo(new StoreHealth.Healthy());
        Files.delete(directory.resolve("filler"));
        later();
        snapshotter.prepare(Call.PATIENT, "after", "", Labels.NONE);
        assertThat(directory.resolve("reserve")).hasSize(8 * MEBIBYTE);
      }
    }
  }

  @Test
  void aStoreThatRanOutOfSpaceGetsTheReserve() throws Exception {
    try (Root root = Root.open(directory)) {
      SpaceGuard guard = guard(root);
      try (KeptStore store = store(root, guard)) {
        OverlaySnapshotter snapshotter = snapshotter(root, store, guard);
        guard.keepReserve();
        snapshotter.prepare(Call.PATIENT, "key", "", Labels.NONE);
        fillUpTo(0);

        // The guard has not looked for a while, or updates alone would not fill anything.
        assertExhausted(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                Labels labels = LARGE.with("i", Integer.toString(i));
                snapshotter.update(Call.PATIENT, "key", unused -> labels);
              }
            },
            "no space left");
        Awaitility.await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> store.health() instanceof StoreHealth.Healthy);

        snapshotter.remove(Call.PATIENT, "key");
      }
    }
  }

  @Test
  void removalsGetTheInodesOfTheReserveAndTheyAreKeptAgainAfterwards() throws Exception {
    Path reserve = directory.resolve("reserve-inodes");
    try (Root root = Root.open(directory)) {
      SpaceGuard guard = guard(root);
      try (KeptStore store = store(root, guard)) {
        OverlaySnapshotter snapshotter = snapshotter(root, store, guard);
        guard.keepReserve();
        assertThat(reserve.toFile().list()).hasSize(InodeReserve.COUNT);
        snapshotter.prepare(Call.PATIENT, "before", "", Labels.NONE);
        Path many = useUpInodes();
        later();

        snapshotter.remove(Call.PATIENT, "before");

        assertThat(reserve).doesNotExist();
        run("rm", "-r", many.toString());
        later();
        snapshotter.prepare(Call.PATIENT, "after", "", Labels.NONE);
        assertThat(reserve.toFile().list()).hasSize(InodeReserve.COUNT);
      }
    }
  }

  @Test
  void aReserveOfInodesThatACrashLeftInPartIsMadeWhole() throws Exception {
    Path reserve = Files.createDirectory(directory.resolve("reserve-inodes"));
    Files.createFile(reserve.resolve("3"));
    try (Root root = Root.open(directory)) {
      guard(root).keepReserve();
    }
    assertThat(reserve.toFile().list()).hasSize(InodeReserve.COUNT);
  }

  private Path useUpInodes() throws IOException {
    Path many = Files.createDirectory(directory.resolve("many"));
    try {
      for (int i = 0; ; i++) {
        Files.createFile(many.resolve("f" + i));
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
    return many;
  }

  @Test
  void fewInodesAreLowSpaceToo() throws Exception {
    try (Root root = Root.open(directory)) {
      SpaceGuard guard = guard(root);
      try (KeptStore store = store(root, guard)) {
        OverlaySnapshotter snapshotter = snapshotter(root, store, guard);
        Path many = Files.createDirectory(directory.resolve("many"));
        for (int i = 0; i < 20_300; i++) {
          Files.createFile(many.resolve("f" + i));
        }
        later();

        assertExhausted(
            () -> snapshotter.prepare(Call.PATIENT, "new", "", Labels.NONE), "inodes are free");
      }
    }
  }
}
