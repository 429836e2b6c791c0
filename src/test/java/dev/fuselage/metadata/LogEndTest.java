package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogEndTest {
  private static final int SNAPSHOTS = 20;
  private static final int SECTOR = 512;
  private static final int BLOCK = 32 << 10;

  /** Longer than a block of the log, which its record is split at. */
  private static final int LONG_LABELS = 20;

  @TempDir Path directory;

  /** A store as a power cut finds it, whose last record is this snapshot's. */
  private Path crashed(Labels ofLast) throws IOException {
    Path original = directory.resolve("original");
    Path crashed = Files.createDirectories(directory.resolve("crashed"));
    try (RocksStore store = RocksStore.open(original)) {
      for (int i = 0; i < SNAPSHOTS; i++) {
        put(store, "before " + i, Labels.NONE);
      }
      put(store, "last", ofLast);
      try (Stream<Path> files = Files.list(original)) {
        for (Path file : files.toList()) {
          Files.copy(file, crashed.resolve(file.getFileName()));
        }
      }
    }
    return crashed;
  }

  private static void put(RocksStore store, String key, Labels labels) {
    store.update(
        transaction -> {
          Snapshot snapshot =
              new Snapshot.Active(
                  new SnapshotId(1 + Math.abs(key.hashCode())),
                  key,
                  Ancestry.NONE,
                  labels,
                  Instant.EPOCH,
                  Instant.EPOCH);
          transaction.put(snapshot);
          return key;
        });
  }

  private static Labels longLabels() {
    Random random = new Random(1);
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < LONG_LABELS; i++) {
      StringBuilder value = new StringBuilder();
      random.ints(4000, 'a', 'z').forEach(letter -> value.append((char) letter));
      labels.put("label " + i, value.toString());
    }
    return Labels.of(labels);
  }

  private static Path log(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Path::compareTo)
          .orElseThrow();
    }
  }

  /** Where the records of a log end, and zeros begin. */
  private static int end(byte[] log) {
    int end = log.length;
    while (log[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private static void zero(Path log, int from, int bytes) throws IOException {
    byte[] contents = Files.readAllBytes(log);
    Arrays.fill(contents, from, from + bytes, (byte) 0);
    Files.write(log, contents);
  }

  private static List<String> keys(Path directory) {
    try (RocksStore store = RocksStore.open(directory);
        var listing = store.list()) {
      List<String> keys = new ArrayList<>();
      listing.forEachRemaining(snapshot -> keys.add(snapshot.key()));
      return keys;
    }
  }

  @Test
  void aLogThatIsWholeIsNotTorn() throws Exception {
    Path crashed = crashed(longLabels());

    assertThat(LogEnd.isTorn(crashed)).isFalse();
    assertThat(keys(crashed)).hasSize(SNAPSHOTS + 1).contains("last");
  }

  @Test
  void aLastRecordThatLacksItsEndIsDropped() throws Exception {
    Path crashed = crashed(Labels.NONE);
    Path log = log(crashed);
    zero(log, end(Files.readAllBytes(log)) - 10, 10);

    assertThat(LogEnd.isTorn(crashed)).isTrue();
    assertThat(keys(crashed)).hasSize(SNAPSHOTS).doesNotContain("last");
    assertThat(keys(crashed)).as("at the next start").hasSize(SNAPSHOTS);
  }

  @Test
  void aLongLastRecordThatLacksAnySectorIsDropped() throws Exception {
    Path crashed = crashed(longLabels());
    Path log = log(crashed);
    byte[] whole = Files.readAllBytes(log);
    int most = end(whole) / SECTOR * SECTOR - SECTOR;
    for (int at = most; at > end(whole) - 70_000; at -= 7 * SECTOR) {
      Files.write(log, whole);
      zero(log, at, SECTOR);
      assertThat(LogEnd.isTorn(crashed)).as("without %d to %d", at, at + SECTOR).isTrue();
    }
    assertThat(keys(crashed)).hasSize(SNAPSHOTS).doesNotContain("last");
  }

  @Test
  void zerosInPlaceOfTheEndOfALongRecordAreATornEnd() throws Exception {
    Path crashed = crashed(longLabels());
    Path log = log(crashed);
    byte[] whole = Files.readAllBytes(log);
    // The record is longer than a block, so its first part is whole.
    int block = end(whole) / BLOCK * BLOCK;
    zero(log, block, end(whole) - block);

    assertThat(LogEnd.isTorn(crashed)).isTrue();
    assertThat(keys(crashed)).hasSize(SNAPSHOTS).doesNotContain("last");
  }

  @Test
  void roomBehindAnEarlierLogIsNoDamage() throws Exception {
    Path crashed = crashed(Labels.NONE);
    Path log = log(crashed);
    Path next = log.resolveSibling("%06d.log".formatted(number(log) + 1));
    // As after a log was not cut when it ended, and what followed was torn.
    Files.write(next, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

    assertThat(LogEnd.isTorn(crashed)).isTrue();
  }

  private static int number(Path log) {
    return Integer.parseInt(log.getFileName().toString().replace(".log", ""));
  }

  @Test
  void aBadRecordBeforeAGoodOneIsDamage() throws Exception {
    Path crashed = crashed(Labels.NONE);
    zero(log(crashed), 200, 20);

    assertThat(LogEnd.isTorn(crashed)).isFalse();
    assertThatThrownBy(() -> keys(crashed)).isInstanceOf(DamagedStoreException.class);
  }
}
