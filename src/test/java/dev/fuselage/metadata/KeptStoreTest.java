package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptStoreTest {
  @TempDir Path parent;
  private final List<StoreHealth> changes = new CopyOnWriteArrayList<>();
  private @Nullable KeptStore opened;

  private KeptStore open(boolean used) {
    KeptStore store =
        KeptStore.open(
            parent.resolve("store"),
            new KeptStore.Settings(
                () -> used,
                opened -> opened.skipIds(new SnapshotId(41)),
                changes::add,
                Duration.ofMillis(10)));
    opened = store;
    return store;
  }

  @AfterEach
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private static <T> T put(MetadataStore store, String key, T answer) {
    Snapshot snapshot =
        new Snapshot.Active(
            store.newId(), key, Ancestry.NONE, Labels.NONE, Instant.EPOCH, Instant.EPOCH);
    return store.update(
        transaction -> {
          transaction.put(snapshot);
          return answer;
        });
  }

  private List<Path> files(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(parent.resolve("store"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private static void assertRefused(SnapshotException.Code code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(SnapshotException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void aNewStoreIsHealthyAndPassesOverWhatIsOnDisk() {
    KeptStore store = open(false);

    assertThat(store.health()).isEqualTo(new StoreHealth.Healthy());
    assertThat(store.newId()).isEqualTo(new SnapshotId(42));
    assertThat(put(store, "key", "done")).isEqualTo("done");
    assertThat(store.find("key")).isPresent();
    assertThat(changes).containsExactly(new StoreHealth.Healthy());
  }

  @Test
  void aStoreThatShouldBeThereAndIsNotIsDamaged() {
    KeptStore store = open(true);

    assertThat(store.health()).isInstanceOf(StoreHealth.Damaged.class);
    assertThatThrownBy(() -> store.find("key"))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("is missing")
        .hasMessageContaining("fuselage rebuild");
    assertRefused(SnapshotException.Code.UNAVAILABLE, () -> store.list());
    assertRefused(SnapshotException.Code.UNAVAILABLE, () -> store.newId());
    assertRefused(SnapshotException.Code.UNAVAILABLE, () -> store.quarantine());
    assertThat(parent.resolve("store")).doesNotExist();
  }

  @Test
  void aTruncatedManifestIsDamageAndNothingIsStartedOver() throws Exception {
    try (KeptStore store = open(false)) {
      put(store, "key", "");
    }
    Path manifest = files("MANIFEST").getFirst();
    Files.write(manifest, new byte[0]);

    KeptStore store = open(true);

    assertThat(store.health()).isInstanceOf(StoreHealth.Damaged.class);
    assertThat(manifest).isEmptyFile();
  }

  @Test
  void aLostManifestOrTableIsDamage() throws Exception {
    try (KeptStore store = open(false)) {
      put(store, "key", "");
    }
    Files.delete(files("MANIFEST").getFirst());

    KeptStore store = open(true);

    assertThat(store.health()).isInstanceOf(StoreHealth.Damaged.class);
  }

  @Test
  void damageThatIsMetInReadingClosesTheStore() throws Exception {
    try (KeptStore store = open(false)) {
      put(store, "key", "");
    }
    // The log of before becomes a table at the next start.
    open(true).close();
    for (Path table : files("0")) {
      if (table.toString().endsWith(".sst")) {
        byte[] bytes = Files.readAllBytes(table);
        for (int i = 0; i < 40; i++) {
          bytes[i] ^= 0x55;
        }
        Files.write(table, bytes);
      }
    }

    KeptStore store = open(true);
    if (store.health() instanceof StoreHealth.Healthy) {
      assertRefused(SnapshotException.Code.UNAVAILABLE, () -> store.find("key"));
    }

    Awaitility.await().until(() -> store.health() instanceof StoreHealth.Damaged);
    assertRefused(SnapshotException.Code.UNAVAILABLE, () -> put(store, "other", ""));
  }

  @Test
  void isHealthyAgainWhenADamagedOneIsReplaced() throws Exception {
    KeptStore store = open(true);
    StoreDirectory directory = new StoreDirectory(parent.resolve("store"));

    store.repair(
        () -> {
          try (RocksStore fresh = RocksStore.open(directory.makeRoom())) {
            put(fresh, "brought back", "");
          }
          return directory.install(Instant.EPOCH);
        });

    assertThat(store.health()).isEqualTo(new StoreHealth.Healthy());
    assertThat(store.find("brought back")).isPresent();
    assertThat(changes).last().isEqualTo(new StoreHealth.Healthy());
  }

  @Test
  void whoIsRefusedIsToldWhyTheLastRepairFailed() throws Exception {
    KeptStore store = open(true);
    for (String why : List.of("no space left", "the disk fails")) {
      assertThatThrownBy(
              () ->
                  store.repair(
                      () -> {
                        throw new IOException(why);
                      }))
          .hasMessage(why);
    }

    assertThatThrownBy(() -> store.find("key"))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("is missing")
        .hasMessageContaining("fuselage rebuild")
        .hasMessageEndingWith("; the last try to make it again failed: the disk fails")
        .hasMessageNotContaining("no space left");
    assertThat(changes).hasSize(3).last().isEqualTo(store.health());

    assertThatThrownBy(
            () ->
                store.repair(
                    () -> {
                      throw new SnapshotException(SnapshotException.Code.CANCELLED, "gone");
                    }))
        .hasMessage("gone");
    assertThatThrownBy(() -> store.find("key")).hasMessageEndingWith("the disk fails");
  }

  @Test
  void aHealthyStoreIsNotReplaced() {
    KeptStore store = open(false);

    assertRefused(
        SnapshotException.Code.FAILED_PRECONDITION,
        () -> {
          try {
            store.repair(() -> "never");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void whatIsReplacedIsKeptUnderANameThatSaysWhen() throws Exception {
    try (KeptStore store = open(false)) {
      put(store, "key", "");
    }
    StoreDirectory directory = new StoreDirectory(parent.resolve("store"));
    Instant when = Instant.parse("2026-11-24T15:45:00Z");
    for (String name :
        List.of("store.replaced-20261124T154500Z", "store.replaced-20261124T154500Z-2")) {
      Files.createDirectories(directory.makeRoom());

      assertThat(directory.install(when)).contains(parent.resolve(name));
      assertThat(parent.resolve(name)).isDirectory();
    }
    assertThat(parent.resolve("store.replaced-20261124T154500Z/CURRENT")).exists();
  }
}
