package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.metadata.KeptStore;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreKeeperTest {
  private static final Duration EVERY = Duration.ofHours(6);

  @TempDir Path path;

  private StoreKeeper keeper(Root root, KeptStore store, Instant now) {
    Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    Rebuild rebuild = new Rebuild(root, new SnapshotDirectories(root, SyncMode.METADATA), clock);
    StoreKeeper.Settings settings =
        new StoreKeeper.Settings(
            path.resolve("backups"), Optional.of(EVERY), 2, Duration.ofDays(100));
    return new StoreKeeper(root, store, rebuild, settings, clock);
  }

  private static KeptStore open(Root root, boolean used) {
    return KeptStore.open(
        root.store(),
        new KeptStore.Settings(() -> used, opened -> {}, health -> {}, Duration.ofMillis(10)));
  }

  @Test
  void makesABackupWhenTheLastOneIsOldEnoughAndKeepsSoMany() throws Exception {
    try (Root root = Root.open(path);
        KeptStore store = open(root, false)) {
      Instant now = Instant.now();
      StoreKeeper keeper = keeper(root, store, now);
      keeper.backUpIfDue();
      assertThat(keeper.backups()).hasSize(1);
      keeper.backUpIfDue();
      assertThat(keeper.backups()).hasSize(1);

      StoreKeeper later = keeper(root, store, now.plus(EVERY).plusSeconds(60));
      later.backUpIfDue();
      later.backUpIfDue();

      // The clock of the test stands still, that of the backups does not.
      assertThat(later.backups()).hasSize(2).last().extracting("id").isEqualTo(3);
      assertThat(later.verify(3, Call.PATIENT, progress -> {})).isZero();
    }
  }

  @Test
  void restoresOnADamagedStoreAlone() throws Exception {
    try (Root root = Root.open(path)) {
      try (KeptStore store = open(root, false)) {
        StoreKeeper keeper = keeper(root, store, Instant.now());
        assertThat(keeper.backUp().reason()).isEqualTo("command");
        assertThatThrownBy(
                () -> keeper.restore(path, OptionalInt.empty(), Call.PATIENT, progress -> {}))
            .isInstanceOf(SnapshotException.class)
            .hasMessageContaining("is not damaged");
      }
      Path lost = root.store().resolveSibling("lost");
      Files.move(root.store(), lost);
      try (KeptStore store = open(root, true)) {
        StoreKeeper keeper = keeper(root, store, Instant.now());
        assertThatThrownBy(
                () ->
                    keeper.restore(
                        Path.of("/other"), OptionalInt.empty(), Call.PATIENT, progress -> {}))
            .hasMessageContaining("this service serves " + path);
        assertThatThrownBy(
                () -> keeper.restore(path, OptionalInt.of(7), Call.PATIENT, progress -> {}))
            .hasMessageContaining("there is no backup 7");

        assertThat(
                keeper.restore(path, OptionalInt.empty(), Call.PATIENT, progress -> {}).isWhole())
            .isTrue();
        assertThat(store.find("key")).isEmpty();
      }
    }
  }

  @Test
  void settingsThatMakeNoSenseAreRefusedWithASentence() {
    assertThatThrownBy(
            () -> new StoreKeeper.Settings(path, Optional.empty(), 0, Duration.ofDays(1)))
        .hasMessageContaining("keep at least one");
    assertThatThrownBy(
            () ->
                new StoreKeeper.Settings(
                    path, Optional.of(Duration.ofSeconds(1)), 1, Duration.ofDays(1)))
        .hasMessageContaining("make it at least 5m, or off");
  }
}
