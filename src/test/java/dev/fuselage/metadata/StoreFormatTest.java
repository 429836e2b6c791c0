package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.admin.StoreCare.Backup;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With steps that only a test has: there was one format so far. */
class StoreFormatTest {
  private static final StoreFormat SECOND =
      new StoreFormat(
          List.of(transaction -> transaction.quarantine(new SnapshotId(1), "by the first step")));

  private static final StoreFormat THIRD =
      new StoreFormat(
          List.of(
              SECOND.steps().getFirst(),
              transaction -> transaction.quarantine(new SnapshotId(2), "by the second step")));

  @TempDir Path parent;

  private Backups backups() {
    return new Backups(parent.resolve("backups"));
  }

  private KeptStore open(StoreFormat format) {
    return KeptStore.open(
        parent.resolve("store"),
        new KeptStore.Settings(
            () -> false,
            opened -> format.bring(opened, backups()::create),
            health -> {},
            Duration.ofMillis(10)));
  }

  private static String reason(KeptStore store) {
    return store.health() instanceof StoreHealth.Failing(SnapshotException reason)
        ? String.valueOf(reason.getMessage())
        : store.health().toString();
  }

  @Test
  void aStoreOfThisFormatIsLeftAlone() {
    try (KeptStore store = open(StoreFormat.CURRENT)) {
      assertThat(store.number(StoreFormat.NUMBER)).isEmpty();
      assertThat(backups().list()).isEmpty();
    }
  }

  @Test
  void anEarlierFormatIsBroughtToThisOnceABackupIsThere() throws Exception {
    open(StoreFormat.CURRENT).close();
    try (KeptStore store = open(THIRD)) {
      assertThat(store.quarantine()).hasSize(2);
      assertThat(store.number(StoreFormat.NUMBER)).hasValue(3);
    }

    assertThat(backups().list()).extracting(Backup::reason).containsExactly("before format 3");
    backups().restore(1, parent.resolve("restored"), StoreWork.unheard());
    try (RocksStore before = RocksStore.open(parent.resolve("restored"))) {
      assertThat(before.quarantine()).isEmpty();
      assertThat(before.number(StoreFormat.NUMBER)).isEmpty();
    }
    open(THIRD).close();
    assertThat(backups().list()).hasSize(1);
  }

  @Test
  void goesOnFromWhereItIs() {
    open(SECOND).close();
    try (KeptStore store = open(THIRD)) {
      assertThat(store.quarantine()).hasSize(2);
    }
    assertThat(backups().list())
        .extracting(Backup::reason)
        .containsExactly("before format 2", "before format 3");
  }

  @Test
  void withoutABackupNothingIsChangedUntilThereCanBeOne() throws Exception {
    open(StoreFormat.CURRENT).close();
    Path inTheWay = Files.createFile(parent.resolve("backups"));
    try (KeptStore store = open(SECOND)) {
      assertThat(reason(store)).contains("it stays at format 1, since no backup can be made");
      try (RocksStore untouched = RocksStore.open(parent.resolve("store"))) {
        assertThat(untouched.quarantine()).isEmpty();
      } catch (SnapshotException e) {
        // It is just being tried again.
        assertThat(e).hasMessageContaining("lock");
      }

      Files.delete(inTheWay);

      Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> isHealthy(store));
      assertThat(store.quarantine()).hasSize(1);
      assertThat(backups().list()).hasSize(1);
    }
  }

  private static boolean isHealthy(KeptStore store) {
    return store.health() instanceof StoreHealth.Healthy;
  }

  @Test
  void aLaterFormatIsRefusedWithASentence() throws IOException {
    open(THIRD).close();
    try (KeptStore store = open(SECOND)) {
      assertThat(reason(store))
          .contains("its format is 3, and this version reads up to 2: start the version");
      assertThatThrownBy(() -> store.find("key")).hasMessageContaining("its format is 3");
    }
    try (KeptStore store = open(THIRD)) {
      assertThat(isHealthy(store)).isTrue();
    }
  }
}
