package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRoomTest {
  @TempDir Path directory;

  private static void put(RocksStore store, int number, Labels labels) {
    store.update(
        transaction -> {
          transaction.put(
              new Snapshot.Active(
                  new SnapshotId(number),
                  "key " + number,
                  Ancestry.NONE,
                  labels,
                  Instant.EPOCH,
                  Instant.EPOCH));
          return number;
        });
  }

  private Path newestLog() throws IOException {
    return LogEnd.logs(directory).getLast();
  }

  private Map<Path, Long> sizes() throws IOException {
    Map<Path, Long> sizes = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sizes.put(file, Files.size(file));
      }
    }
    return sizes;
  }

  /** What a crash would leave; done again while RocksDB, behind the calls, adds and drops files. */
  private void copyAsOfOneMoment(Path target) {
    await()
        .ignoreException(NoSuchFileException.class)
        .until(
            () -> {
              StoreDirectory.deleteTree(target);
              Files.createDirectory(target);
              Map<Path, Long> before = sizes();
              for (Path file : before.keySet()) {
                Files.copy(file, target.resolve(file.getFileName()));
              }
              return sizes().equals(before);
            });
  }

  @Test
  void recordsAreWrittenOverWhatTheLogHasAlready() throws Exception {
    try (RocksStore store = RocksStore.open(directory)) {
      put(store, 1, Labels.NONE);
      Path log = newestLog();
      long length = Files.size(log);
      for (int i = 2; i <= 100; i++) {
        put(store, i, Labels.NONE);
      }

      assertThat(newestLog()).isEqualTo(log).hasSize(length);
    }
  }

  @Test
  void logsThatSomebodyDeletedFailNoWrite() throws Exception {
    try (RocksStore store = RocksStore.open(directory)) {
      put(store, 1, Labels.NONE);
      for (Path log : LogEnd.logs(directory)) {
        Files.delete(log);
      }

      // More than the room that was there, so that it is looked for.
      Labels labels = Labels.of(Map.of("label", "v".repeat(4000)));
      for (int i = 2; i <= 100; i++) {
        put(store, i, labels);
      }

      assertThat(store.find("key 100")).isPresent();
    }
  }

  /** 12 MB: RocksDB begins a log for each that its table in memory holds, and drops the oldest. */
  @Test
  void eachLogHasRoomAndNothingIsLost() throws Exception {
    Labels labels = Labels.of(Map.of("label", "v".repeat(4000)));
    int snapshots = 3000;
    Path crashed = directory.resolve("crashed");
    try (RocksStore store = RocksStore.open(directory)) {
      TreeSet<Path> logs = new TreeSet<>();
      for (int i = 1; i <= snapshots; i++) {
        put(store, i, labels);
        logs.add(newestLog());
      }
      assertThat(logs).hasSizeGreaterThan(3);

      // The first record in a log finds none, the next one makes it.
      put(store, snapshots + 1, Labels.NONE);
      put(store, snapshots + 2, Labels.NONE);
      long length = Files.size(newestLog());
      put(store, snapshots + 3, Labels.NONE);
      assertThat(newestLog()).hasSize(length);

      copyAsOfOneMoment(crashed);
    }

    for (Path whole : new Path[] {directory, crashed}) {
      assertThat(LogEnd.isTorn(whole)).as("%s", whole).isFalse();
      try (RocksStore store = RocksStore.open(whole)) {
        for (int i = 1; i <= snapshots + 3; i++) {
          assertThat(store.find("key " + i)).as("key %d in %s", i, whole).isPresent();
        }
      }
    }
  }
}
