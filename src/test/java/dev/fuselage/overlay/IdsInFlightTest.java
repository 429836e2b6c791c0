package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.metadata.RocksStore;
import dev.fuselage.snapshot.SnapshotId;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdsInFlightTest {
  @TempDir Path directory;
  private RocksStore store;
  private IdsInFlight ids;

  @BeforeEach
  void open() {
    store = RocksStore.open(directory.resolve("store"));
    ids = new IdsInFlight(store);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void allThatWasGivenOutIsSettledWhileNothingIsInFlight() {
    SnapshotId id = ids.begin();
    ids.end(id);

    assertThat(ids.settled().orElseThrow()).isGreaterThan(id);
  }

  @Test
  void nothingFromTheOldestInFlightOnIsSettled() {
    SnapshotId before = ids.begin();
    SnapshotId oldest = ids.begin();
    SnapshotId younger = ids.begin();
    ids.end(before);
    ids.end(younger);

    assertThat(ids.settled()).contains(before);
    ids.end(oldest);
    assertThat(ids.settled().orElseThrow()).isGreaterThan(younger);
  }

  @Test
  void nothingIsSettledWhileTheFirstOfAllIsInFlight() {
    ids.begin();

    assertThat(ids.settled()).isEmpty();
  }
}
