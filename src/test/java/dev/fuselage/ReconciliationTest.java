package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.cleanup.Reconciler;
import dev.fuselage.cleanup.Schedule;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconciliationTest {
  private static final SnapshotException FAILING =
      new SnapshotException(SnapshotException.Code.UNAVAILABLE, "the store fails");

  @TempDir Path path;
  private final Schedule schedule = new Schedule();
  private final AtomicInteger after = new AtomicInteger();
  private Root root;
  private RocksStore store;
  private Reconciliation reconciliation;

  @BeforeEach
  void open() throws Exception {
    root = Root.open(path);
    store = RocksStore.open(root.store());
    reconciliation =
        new Reconciliation(
            new Reconciler(
                store, root.snapshots(), new SnapshotDirectories(root, SyncMode.METADATA)),
            schedule,
            Duration.ZERO,
            after::incrementAndGet);
  }

  @AfterEach
  void close() {
    schedule.close();
    store.close();
    root.close();
  }

  private void assertSomethingIsDoneAfter(Supplier<Optional<SnapshotId>> settled) {
    reconciliation.begin(Optional.empty(), settled);
    reconciliation.runNow();
    await().untilAsserted(() -> assertThat(after).hasValue(1));
  }

  @Test
  void doesWhatIsToBeDoneAfterOneThatCameToItsEnd() {
    assertSomethingIsDoneAfter(() -> Optional.of(store.newId()));
  }

  @Test
  void doesItAfterOneThatWasGivenUpOnItsWayToo() {
    SnapshotId last = store.newId();
    store.close();

    assertSomethingIsDoneAfter(() -> Optional.of(last));
  }

  @Test
  void doesItWhereTheStoreDoesNotTellUpToWhereTooEvenIfItFailsJustThen() {
    assertSomethingIsDoneAfter(
        () -> {
          throw FAILING;
        });
    reconciliation.begin(
        Optional.empty(),
        () -> {
          throw new UnknownOutcomeException(FAILING);
        });
    await()
        .untilAsserted(
            () -> {
              reconciliation.runNow();
              assertThat(after).hasValueGreaterThan(1);
            });
  }
}
