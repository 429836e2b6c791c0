package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cleanup.Rebuild;
import dev.fuselage.metadata.Backups;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SpaceGuard;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.SnapshotException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStoreTest {
  /** Stands for whatever refuses at the last step of a rebuild. */
  private static final Clock REFUSING =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          throw new SnapshotException(SnapshotException.Code.RESOURCE_EXHAUSTED, "disk full");
        }
      };

  @TempDir Path directory;

  @Test
  void aRebuildThatIsRefusedLeavesTheStoreDamagedForAnOperator() throws Exception {
    try (Root root = Root.open(directory)) {
      Files.createDirectory(directory.resolve("snapshots/1"));
      SpaceGuard space = new SpaceGuard(root, new SpaceGuard.Settings(OptionalLong.empty(), 0));
      SnapshotDirectories directories = new SnapshotDirectories(root, SyncMode.METADATA, space);
      try (NodeStore store =
          NodeStore.open(root, space, new Backups(directory.resolve("backup")), () -> {})) {
        store.repairIfTold(OnDamage.REBUILD, new Rebuild(root, directories, REFUSING));

        assertThat(store.obstacle())
            .get()
            .asString()
            .contains("is damaged", "the last try to make it again failed: disk full");
        assertThat(store.lastId()).isEmpty();

        store.repairIfTold(OnDamage.REBUILD, new Rebuild(root, directories, Clock.systemUTC()));
        assertThat(store.obstacle()).isEmpty();
        assertThat(store.lastId()).isPresent();
      }
    }
  }
}
