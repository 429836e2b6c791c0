package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.admin.Quarantine;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredQuarantineTest {
  @TempDir Path directory;
  private Root root;
  private RocksStore store;
  private StoredQuarantine quarantine;
  private Snapshot.Committed base;

  @BeforeEach
  void open() throws Exception {
    root = Root.open(directory);
    store = RocksStore.open(root.store());
    quarantine =
        new StoredQuarantine(store, new SnapshotDirectories(root, SyncMode.METADATA).records());
    base = layer("base", Ancestry.NONE);
    Snapshot.Committed upper = layer("upper", base.ofChild());
    Snapshot.Active container =
        new Snapshot.Active(
            store.newId(), "a", upper.ofChild(), Labels.NONE, Instant.EPOCH, Instant.EPOCH);
    Updates.run(
        store,
        transaction -> {
          transaction.put(base);
          transaction.put(upper);
          transaction.put(container);
        });
  }

  private Snapshot.Committed layer(String name, Ancestry below) {
    return new Snapshot.Committed(
        store.newId(), name, below, Labels.NONE, Instant.EPOCH, Instant.EPOCH, Usage.NONE);
  }

  @AfterEach
  void close() {
    store.close();
    root.close();
  }

  private void bar(SnapshotId id) {
    Updates.run(store, transaction -> transaction.quarantine(id, "damaged"));
  }

  @Test
  void namesWhatStandsOnADamagedLayerNearestFirst() {
    bar(base.id());

    assertThat(quarantine.list())
        .containsExactly(
            new Quarantine.Entry(
                base.id(), "base", Optional.of(Kind.COMMITTED), "damaged", List.of("upper", "a")));
    assertThat(quarantine.size()).isEqualTo(1);
  }

  @Test
  void releasesByKeyAndNotTwice() {
    bar(base.id());
    quarantine.release("base");

    assertThat(quarantine.list()).isEmpty();
    assertThatThrownBy(() -> quarantine.release("base"))
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.FAILED_PRECONDITION));
    assertThatThrownBy(() -> quarantine.release("nobody"))
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.NOT_FOUND));
  }

  @Test
  void namesWhatIsNoSnapshotByItsIdAndReleasesItByThat() {
    SnapshotId lost = store.newId();
    bar(lost);

    assertThat(quarantine.list())
        .containsExactly(
            new Quarantine.Entry(
                lost, "snapshots/" + lost, Optional.empty(), "damaged", List.of()));
    quarantine.release("snapshots/" + lost);
    assertThat(quarantine.list()).isEmpty();
  }
}
