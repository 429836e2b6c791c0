package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.Needs;
import dev.fuselage.posix.Posix;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a small file system of its own, which is filled to the last byte. */
class FullDiskIT {
  private static final int A_TABLE_OF_RECORDS = 240;
  private static final long ROOM_FOR_ONE_TABLE = 2 << 20;

  @TempDir Path directory;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    Needs.that(Posix.effectiveUid() == 0, "mounting on the host needs root");
    run("mount", "-t", "tmpfs", "-o", "size=24m", "fuselage-test", directory.toString());
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

  private void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream file = Files.newOutputStream(directory.resolve("filler"))) {
      while (true) {
        file.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
  }

  private static void put(MetadataStore store, String key) {
    Labels labels = Labels.of(Map.of("large", "x".repeat(4000)));
    Snapshot snapshot =
        new Snapshot.Active(
            store.newId(), key, Ancestry.NONE, labels, Instant.EPOCH, Instant.EPOCH);
    try {
      store.update(
          transaction -> {
            transaction.put(snapshot);
            return key;
          });
    } catch (UnknownOutcomeException e) {
      throw e.failure();
    }
  }

  @Test
  void writesAreRefusedReadsGoOnAndAllIsWellOnceThereIsSpaceAgain() throws Exception {
    List<StoreHealth> changes = new ArrayList<>();
    try (KeptStore store =
        KeptStore.open(
            directory.resolve("store"),
            new KeptStore.Settings(
                () -> false, opened -> {}, changes::add, Duration.ofMillis(100)))) {
      List<String> acknowledged = new ArrayList<>();
      put(store, "first");
      acknowledged.add("first");
      fill();

      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  put(store, "key-" + i);
                  acknowledged.add("key-" + i);
                }
              })
          .isInstanceOfSatisfying(
              SnapshotException.class,
              e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.RESOURCE_EXHAUSTED));
      assertThat(store.health()).isInstanceOf(StoreHealth.Failing.class);
      assertThatThrownBy(() -> put(store, "refused"))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("no space left");
      assertThat(acknowledged).allSatisfy(key -> assertThat(store.find(key)).isPresent());

      Files.delete(directory.resolve("filler"));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> store.health() instanceof StoreHealth.Healthy);

      assertThat(acknowledged).allSatisfy(key -> assertThat(store.find(key)).isPresent());
      assertThat(store.find("refused")).isEmpty();
      put(store, "after");
      assertThat(store.find("after")).isPresent();
    }
  }

  @Test
  void aStoreThatIsLostWhileItFailsIsNotBegunAnewBesideWhatWasMadeSince() throws Exception {
    AtomicBoolean used = new AtomicBoolean();
    try (KeptStore store =
        KeptStore.open(
            directory.resolve("store"),
            new KeptStore.Settings(
                used::get, opened -> {}, health -> {}, Duration.ofMillis(100)))) {
      put(store, "first");
      used.set(true);
      fill();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  put(store, "key-" + i);
                }
              })
          .isInstanceOf(SnapshotException.class);
      Files.delete(directory.resolve("store").resolve("CURRENT"));

      Files.delete(directory.resolve("filler"));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> !(store.health() instanceof StoreHealth.Failing));

      assertThat(store.health()).isInstanceOf(StoreHealth.Damaged.class);
    }
  }

  @Test
  void aStoreThatCannotBeOpenedForWantOfSpaceIsOpenedOnceThereIsSome() throws Exception {
    fill();
    try (KeptStore store =
        KeptStore.open(
            directory.resolve("store"),
            new KeptStore.Settings(
                () -> false, opened -> {}, health -> {}, Duration.ofMillis(100)))) {
      assertThat(store.health()).isInstanceOf(StoreHealth.Failing.class);
      assertThatThrownBy(() -> store.find("key"))
          .isInstanceOfSatisfying(
              SnapshotException.class,
              e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.RESOURCE_EXHAUSTED));

      Files.delete(directory.resolve("filler"));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> store.health() instanceof StoreHealth.Healthy);

      put(store, "after");
    }
  }

  @Test
  @Timeout(60)
  void whatFailsWhileNobodyWritesIsNoticedAtOnce() throws Exception {
    try (KeptStore store =
        KeptStore.open(
            directory.resolve("store"),
            new KeptStore.Settings(
                () -> false, opened -> {}, health -> {}, Duration.ofMillis(100)))) {
      int written = 0;
      // RocksDB merges the fourth table with those before, for which there is no space then.
      while (tables() < 3) {
        put(store, "key-" + written++);
      }
      for (int i = 0; i < A_TABLE_OF_RECORDS * 3 / 4; i++) {
        put(store, "key-" + written++);
      }
      fill();
      try (FileChannel filler =
          FileChannel.open(directory.resolve("filler"), StandardOpenOption.WRITE)) {
        filler.truncate(filler.size() - ROOM_FOR_ONE_TABLE);
      }

      while (store.health() instanceof StoreHealth.Healthy) {
        put(store, "key-" + written++);
        Thread.sleep(20);
      }

      assertThat(store.health())
          .isInstanceOfSatisfying(
              StoreHealth.Failing.class,
              failing ->
                  assertThat(failing.reason().code())
                      .isEqualTo(SnapshotException.Code.RESOURCE_EXHAUSTED));
      Files.delete(directory.resolve("filler"));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> store.health() instanceof StoreHealth.Healthy);
      for (int i = 0; i < written; i++) {
        assertThat(store.find("key-" + i)).isPresent();
      }
    }
  }

  private long tables() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("store"))) {
      return files.filter(file -> file.toString().endsWith(".sst")).count();
    }
  }
}
