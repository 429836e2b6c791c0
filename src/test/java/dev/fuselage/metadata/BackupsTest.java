package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.admin.StoreCare.Backup;
import dev.fuselage.admin.StoreCare.Step;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsTest {
  private static final Duration LONG = Duration.ofDays(1000);

  @TempDir Path parent;
  private Backups backups = new Backups(Path.of("/nowhere"));

  @BeforeEach
  void elsewhere() {
    backups = new Backups(parent.resolve("backups"));
  }

  private KeptStore open() {
    return KeptStore.open(
        parent.resolve("store"),
        new KeptStore.Settings(() -> false, opened -> {}, health -> {}, Duration.ofMillis(10)));
  }

  private static void put(MetadataStore store, String key) {
    Snapshot snapshot =
        new Snapshot.Active(
            store.newId(), key, Ancestry.NONE, Labels.NONE, Instant.EPOCH, Instant.EPOCH);
    store.update(
        transaction -> {
          transaction.put(snapshot);
          return key;
        });
  }

  @Test
  void aBackupHoldsWhatWasAcknowledgedWhenItWasMade() throws Exception {
    try (KeptStore store = open()) {
      put(store, "before");
      Backup first = backups.create(store, "command");
      put(store, "after");
      Backup second = backups.create(store, "schedule");

      assertThat(backups.list()).containsExactly(first, second);
      assertThat(first.reason()).isEqualTo("command");
      assertThat(backups.verify(first.id(), parent.resolve("scratch"), StoreWork.unheard()))
          .isEqualTo(1);
      assertThat(backups.verify(second.id(), parent.resolve("scratch"), StoreWork.unheard()))
          .isEqualTo(2);
      assertThat(parent.resolve("scratch")).doesNotExist();

      backups.restore(first.id(), parent.resolve("restored"), StoreWork.unheard());
    }
    try (RocksStore restored = RocksStore.open(parent.resolve("restored"))) {
      assertThat(restored.find("before")).isPresent();
      assertThat(restored.find("after")).isEmpty();
    }
  }

  @Test
  void aCheckTellsWhatItDoes() throws Exception {
    List<Step> steps = new ArrayList<>();
    try (KeptStore store = open()) {
      Backup backup = backups.create(store, "command");
      backups.verify(
          backup.id(),
          parent.resolve("scratch"),
          new StoreWork(Call.PATIENT, progress -> steps.add(progress.step())));
    }

    assertThat(steps).containsExactly(Step.RESTORE, Step.CHECK_BLOCKS, Step.READ_SNAPSHOTS);
  }

  @Test
  void thereAreNoneWhereNoneWereMade() {
    assertThat(backups.list()).isEmpty();
    assertThat(backups.prune(1, LONG, Instant.now())).isEmpty();
    assertThat(parent.resolve("backups")).doesNotExist();
    assertThatThrownBy(() -> backups.restore(1, parent.resolve("restored"), StoreWork.unheard()))
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.NOT_FOUND));
  }

  @Test
  void keepsTheYoungestByNumberAndAge() throws Exception {
    try (KeptStore store = open()) {
      for (int i = 0; i < 4; i++) {
        put(store, "key-" + i);
        backups.create(store, "command");
      }

      assertThat(backups.prune(3, LONG, Instant.now())).containsExactly(1);
      assertThat(backups.prune(3, Duration.ZERO, Instant.now().plusSeconds(60)))
          .containsExactly(2, 3);
      assertThat(backups.list()).extracting(Backup::id).containsExactly(4);
      assertThat(backups.verify(4, parent.resolve("scratch"), StoreWork.unheard())).isEqualTo(4);
    }
  }

  @Test
  void aDamagedBackupIsFound() throws Exception {
    try (KeptStore store = open()) {
      put(store, "key");
      Backup backup = backups.create(store, "command");
      for (Path table : tables()) {
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length / 4] ^= 0x55;
        Files.write(table, bytes);
      }

      assertThatThrownBy(
              () -> backups.verify(backup.id(), parent.resolve("scratch"), StoreWork.unheard()))
          .isInstanceOfSatisfying(
              SnapshotException.class,
              e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.FAILED_PRECONDITION));
    }
  }

  private List<Path> tables() throws IOException {
    try (Stream<Path> files = Files.walk(parent.resolve("backups"))) {
      List<Path> tables = files.filter(file -> file.toString().endsWith(".sst")).toList();
      assertThat(tables).isNotEmpty();
      return tables;
    }
  }

  @Test
  void compactingLosesNothing() {
    try (KeptStore store = open()) {
      put(store, "key");
      store.compact();

      assertThat(store.find("key")).isPresent();
    }
  }
}
