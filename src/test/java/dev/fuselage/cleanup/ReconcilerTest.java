package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.metadata.RocksStore;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcilerTest {
  @TempDir Path path;
  private Root root;
  private RocksStore store;
  private Reconciler reconciler;

  @BeforeEach
  void open() throws Exception {
    root = Root.open(path);
    store = RocksStore.open(root.store());
    reconciler =
        new Reconciler(store, root.snapshots(), new SnapshotDirectories(root, SyncMode.METADATA));
  }

  @AfterEach
  void close() {
    store.close();
    root.close();
  }

  private Snapshot.Committed layer(String name) {
    Snapshot.Committed layer =
        new Snapshot.Committed(
            store.newId(),
            name,
            Ancestry.NONE,
            Labels.NONE,
            Instant.EPOCH,
            Instant.EPOCH,
            Usage.NONE);
    store.update(
        transaction -> {
          transaction.put(layer);
          return layer;
        });
    return layer;
  }

  private Path directory(SnapshotId id) {
    return path.resolve("snapshots").resolve(id.toString());
  }

  private void make(SnapshotId id, boolean whole) throws IOException {
    Files.createDirectory(
        directory(id),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (whole) {
      Files.createDirectory(directory(id).resolve("fs"));
    }
  }

  @Test
  void putsWhatHasAnotherModeIntoQuarantineUntilItIsRight() throws Exception {
    Snapshot.Committed layer = layer("layer");
    make(layer.id(), true);
    Files.setPosixFilePermissions(
        directory(layer.id()), PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 1, 0, 0));
    assertThat(store.quarantine().get(layer.id())).contains("0755", "0700");
    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 1, 0, 0));

    Files.setPosixFilePermissions(
        directory(layer.id()), PosixFilePermissions.fromString("rwx------"));
    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 0, 0, 0));
    assertThat(store.quarantine()).isEmpty();
  }

  @Test
  void putsWhatIsNoDirectoryIntoQuarantine() throws Exception {
    Snapshot.Committed layer = layer("layer");
    make(layer.id(), false);
    Files.createFile(directory(layer.id()).resolve("fs"));

    reconciler.run(store.newId());

    assertThat(store.quarantine().get(layer.id())).contains("fs is no directory");
  }

  @Test
  void leavesInQuarantineWhatIsThereForAnotherReason() throws Exception {
    Snapshot.Committed layer = layer("layer");
    make(layer.id(), true);
    Updates.run(
        store, transaction -> transaction.quarantine(layer.id(), "its tree is not what it was"));

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 1, 0, 0));
    assertThat(store.quarantine()).containsOnlyKeys(layer.id());
  }

  @Test
  void goesOnWhereTheFileBesideASnapshotCannotBeOpened() throws Exception {
    Snapshot.Committed odd = layer("odd");
    make(odd.id(), true);
    Snapshot.Committed damaged = layer("damaged");
    make(damaged.id(), false);
    SnapshotId orphan = store.newId();
    make(orphan, true);
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      // To open one is ENXIO.
      socket.bind(UnixDomainSocketAddress.of(directory(odd.id()).resolve("record")));

      assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(1, 1, 0, 1));
    }

    assertThat(directory(orphan)).doesNotExist();
    assertThat(store.quarantine()).containsOnlyKeys(damaged.id());
  }

  @Test
  void leavesAHealthyRootAlone() throws Exception {
    Snapshot.Committed layer = layer("layer");
    make(layer.id(), true);

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 0, 0, 0));
    assertThat(directory(layer.id()).resolve("fs")).isDirectory();
    assertThat(store.quarantine()).isEmpty();
  }

  @Test
  void movesADirectoryWithoutARecordToTheTrash() throws Exception {
    SnapshotId orphan = store.newId();
    Files.createDirectories(directory(orphan).resolve("fs/kept"));

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(1, 0, 0, 0));
    assertThat(directory(orphan)).doesNotExist();
    assertThat(path.resolve("trash").resolve(orphan.toString()).resolve("fs/kept")).isDirectory();
  }

  @Test
  void doesNotTouchWhatIsYoungerThanItsLastId() throws Exception {
    SnapshotId last = store.newId();
    SnapshotId younger = store.newId();
    Files.createDirectories(directory(younger));

    assertThat(reconciler.run(last)).isEqualTo(new Reconciler.Report(0, 0, 0, 0));
    assertThat(directory(younger)).isDirectory();
  }

  @Test
  void movesWhatHasAnIdThatWasNeverGivenOutToTheTrashAtTheSecondTime() throws Exception {
    SnapshotId planted = new SnapshotId(999_999);
    make(planted, true);

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 0, 0, 0));
    assertThat(directory(planted)).isDirectory();
    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(1, 0, 0, 0));
    assertThat(directory(planted)).doesNotExist();
  }

  @Test
  void passesOverNoIdsForWhatIsBeingMade() throws Exception {
    SnapshotId last = store.newId();
    SnapshotId younger = store.newId();
    make(younger, true);
    reconciler.run(last);

    assertThat(store.newId()).isEqualTo(new SnapshotId(younger.value() + 1));
  }

  @Test
  void putsARecordWithoutItsDirectoryIntoQuarantine() throws Exception {
    Snapshot.Committed gone = layer("gone");
    Snapshot.Committed hollow = layer("hollow");
    make(hollow.id(), false);

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 2, 0, 0));
    assertThat(store.quarantine()).containsOnlyKeys(gone.id(), hollow.id());
    assertThat(store.quarantine().get(gone.id())).contains(directory(gone.id()) + " is missing");
    assertThat(store.quarantine().get(hollow.id())).contains(directory(hollow.id()) + "/fs");
    assertThat(store.find("gone")).contains(gone);
  }

  @Test
  void leavesAloneWhatIsNotOurs() throws Exception {
    Path stranger = Files.createFile(path.resolve("snapshots/lost+found"));

    assertThat(reconciler.run(store.newId())).isEqualTo(new Reconciler.Report(0, 0, 1, 0));
    assertThat(stranger).exists();
  }

  @Test
  void findsTheHighestIdOnDisk() throws Exception {
    assertThat(Reconciler.highestId(root.snapshots(), root.trash())).isEmpty();
    Files.createDirectories(path.resolve("snapshots/7"));
    Files.createDirectories(path.resolve("snapshots/010"));
    Files.createDirectories(path.resolve("trash/12"));
    Files.createDirectories(path.resolve("trash/strange"));

    assertThat(Reconciler.highestId(root.snapshots(), root.trash())).contains(new SnapshotId(12));
  }
}
