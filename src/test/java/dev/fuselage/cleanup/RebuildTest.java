package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare.Progress;
import dev.fuselage.admin.StoreCare.Step;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.overlay.OverlaySubject;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.RootException;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Subject;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebuildTest {
  @TempDir Path directory;

  /** All that a client can know of a snapshot. */
  private record Known(Info info, Usage usage) {}

  private static List<Known> all(Snapshotter snapshotter) {
    List<Known> all = new ArrayList<>();
    try (var listing = snapshotter.list(List.of())) {
      listing.forEachRemaining(
          info -> all.add(new Known(info, snapshotter.usage(Call.PATIENT, info.name()))));
    }
    return all;
  }

  private void fill(Snapshotter snapshotter) throws IOException {
    for (int image = 0; image < 5; image++) {
      String parent = "";
      for (int layer = 0; layer < 4; layer++) {
        String name = "image-%d-%d".formatted(image, layer);
        Labels labels = Labels.of(Map.of("layer", name));
        snapshotter.prepare(Call.PATIENT, "extract " + name, parent, labels);
        snapshotter.commit(Call.PATIENT, name, "extract " + name, Optional.empty(), labels);
        parent = name;
      }
      snapshotter.prepare(Call.PATIENT, "container-" + image, parent, Labels.NONE);
      snapshotter.view(Call.PATIENT, "view-" + image, parent, Labels.NONE);
    }
    snapshotter.update(
        Call.PATIENT, "image-2-1", LabelChange.of(List.of("labels.more"), Map.of("more", "label")));
    snapshotter.remove(Call.PATIENT, "container-3");
  }

  private void loseStore() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("store"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory.resolve("store"));
  }

  private Path record(long id) {
    return directory.resolve("snapshots").resolve(Long.toString(id)).resolve("record");
  }

  private SnapshotId id(String key) throws Exception {
    try (Root root = Root.open(directory);
        RocksStore store = RocksStore.open(root.store())) {
      return store.find(key).orElseThrow().id();
    }
  }

  @Test
  void bringsEverySnapshotBackAsItWasWhenTheStoreIsGone() throws Exception {
    List<Known> before;
    try (Subject subject = OverlaySubject.open(directory)) {
      fill(subject.snapshotter());
      before = all(subject.snapshotter());
    }
    loseStore();

    RebuildReport report = StoppedRoot.rebuild(directory, StoreWork.unheard());

    assertThat(report).isEqualTo(new RebuildReport(20, 4, 5, Map.of(), Map.of(), List.of(), ""));
    try (Subject subject = OverlaySubject.open(directory)) {
      Snapshotter snapshotter = subject.snapshotter();
      assertThat(all(snapshotter)).isEqualTo(before);
      assertThatThrownBy(() -> snapshotter.remove(Call.PATIENT, "image-1-2"))
          .hasMessageContaining("has children");
      snapshotter.remove(Call.PATIENT, "container-0");
      snapshotter.prepare(Call.PATIENT, "container-new", "image-0-3", Labels.NONE);
    }
    assertThat(id("container-new").value()).isGreaterThan(id("view-4").value());
  }

  @Test
  void keepsTheStoreOfBefore() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      fill(subject.snapshotter());
    }

    RebuildReport report = StoppedRoot.rebuild(directory, StoreWork.unheard());

    assertThat(report.isWhole()).isTrue();
    assertThat(Path.of(report.aside())).isDirectoryContaining("glob:**/CURRENT");
  }

  @Test
  void tellsHowFarItIs() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      fill(subject.snapshotter());
    }
    List<Progress> heard = new ArrayList<>();

    RebuildReport report = StoppedRoot.rebuild(directory, new StoreWork(Call.PATIENT, heard::add));

    assertThat(report.committed()).isEqualTo(20);
    assertThat(heard).startsWith(new Progress(Step.READ_RECORDS, 0, 29));
    assertThat(heard).endsWith(new Progress(Step.WRITE, 0, 0));
  }

  @Test
  void oneThatIsAbandonedChangesNothing() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      fill(subject.snapshotter());
    }
    loseStore();
    Call abandoned =
        () -> {
          throw new SnapshotException(SnapshotException.Code.CANCELLED, "enough");
        };

    assertThatThrownBy(
            () -> StoppedRoot.rebuild(directory, new StoreWork(abandoned, progress -> {})))
        .hasMessageContaining("enough");

    assertThat(directory.resolve("store")).doesNotExist();
    assertThat(StoppedRoot.rebuild(directory, StoreWork.unheard()).committed()).isEqualTo(20);
  }

  @Test
  void aLayerWhoseCommitWasUnderWayComesBackInQuarantine() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      Snapshotter snapshotter = subject.snapshotter();
      snapshotter.prepare(Call.PATIENT, "extract", "", Labels.NONE);
      Files.write(directory.resolve("snapshots/1/fs/file"), new byte[10_000]);
      snapshotter.commit(Call.PATIENT, "layer", "extract", Optional.empty(), Labels.NONE);
    }
    // What the commit wrote last was not synced: a power cut may take it away.
    byte[] log = Files.readAllBytes(record(1));
    Files.write(record(1), Arrays.copyOf(log, log.length - 1));
    loseStore();

    RebuildReport report = StoppedRoot.rebuild(directory, StoreWork.unheard());

    assertThat(report.committed()).isEqualTo(1);
    assertThat(report.doubtful()).containsOnlyKeys(new SnapshotId(1));
    try (Subject subject = OverlaySubject.open(directory)) {
      Snapshotter snapshotter = subject.snapshotter();
      assertThat(snapshotter.usage(Call.PATIENT, "layer").inodes()).isEqualTo(2);
      assertThatThrownBy(() -> snapshotter.prepare(Call.PATIENT, "container", "layer", Labels.NONE))
          .hasMessageContaining("its commit was under way");
    }
  }

  @Test
  void whatWasInQuarantineComesBackInItAndWhatWasReleasedDoesNot() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      for (String name : List.of("barred", "released", "sound")) {
        subject.snapshotter().prepare(Call.PATIENT, "extract " + name, "", Labels.NONE);
        subject
            .snapshotter()
            .commit(Call.PATIENT, name, "extract " + name, Optional.empty(), Labels.NONE);
      }
    }
    try (Root root = Root.open(directory);
        RocksStore store = RocksStore.open(root.store())) {
      SnapshotDirectories directories = new SnapshotDirectories(root, SyncMode.METADATA);
      Quarantiner quarantiner = new Quarantiner(store, directories.records(), "test");
      for (String name : List.of("barred", "released")) {
        assertThat(quarantiner.quarantine(store.find(name).orElseThrow(), "its tree is odd"))
            .isTrue();
      }
      new StoredQuarantine(store, directories.records()).release("released");
    }
    // Other words beside it must not lose that one.
    try (Subject subject = OverlaySubject.open(directory)) {
      subject
          .snapshotter()
          .update(Call.PATIENT, "barred", LabelChange.of(List.of("labels.a"), Map.of("a", "1")));
    }
    for (int i = 0; i < 2; i++) {
      loseStore();

      RebuildReport report = StoppedRoot.rebuild(directory, StoreWork.unheard());

      assertThat(report.committed()).isEqualTo(3);
      assertThat(report.doubtful()).isEqualTo(Map.of(id("barred"), "its tree is odd"));
      try (Subject subject = OverlaySubject.open(directory)) {
        Snapshotter snapshotter = subject.snapshotter();
        assertThatThrownBy(() -> snapshotter.view(Call.PATIENT, "view", "barred", Labels.NONE))
            .hasMessageContaining("its tree is odd");
      }
    }
  }

  @Test
  void whatCannotBeBroughtBackIsNamedAndKeptThroughReconciliation() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      subject.snapshotter().prepare(Call.PATIENT, "a", "", Labels.NONE);
      subject.snapshotter().prepare(Call.PATIENT, "b", "", Labels.NONE);
    }
    Files.write(record(1), new byte[] {1, 2, 3});
    loseStore();

    RebuildReport report = StoppedRoot.rebuild(directory, StoreWork.unheard());

    assertThat(report.isWhole()).isFalse();
    assertThat(report.sentences())
        .contains("not brought back: 1: nothing beside it says what it is");
    try (Root root = Root.open(directory);
        RocksStore store = RocksStore.open(root.store())) {
      Reconciler reconciler =
          new Reconciler(store, root.snapshots(), new SnapshotDirectories(root, SyncMode.METADATA));
      assertThat(reconciler.run(store.newId()).orphans()).isZero();
      assertThat(directory.resolve("snapshots/1/fs")).isDirectory();

      StoredQuarantine quarantine =
          new StoredQuarantine(store, new SnapshotDirectories(root, SyncMode.METADATA).records());
      assertThat(quarantine.list())
          .containsExactly(
              new Quarantine.Entry(
                  new SnapshotId(1),
                  "snapshots/1",
                  Optional.empty(),
                  "nothing beside it says what it is",
                  List.of()));
      quarantine.release("snapshots/1");
      assertThat(reconciler.run(store.newId()).orphans()).isEqualTo(1);
    }
  }

  @Test
  void aRecordThatCannotBeReadKeepsNoOtherFromComingBack() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      subject.snapshotter().prepare(Call.PATIENT, "a", "", Labels.NONE);
      subject.snapshotter().prepare(Call.PATIENT, "b", "", Labels.NONE);
    }
    Files.delete(record(1));
    // A socket can't be opened, not even by root: ENXIO, as a disk says EIO.
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(record(1)));
    }
    loseStore();

    RebuildReport report = StoppedRoot.rebuild(directory, StoreWork.unheard());

    assertThat(report.active()).isEqualTo(1);
    assertThat(report.sentences())
        .anyMatch(
            line -> line.startsWith("not brought back: 1: what lies beside it can't be read"));
  }

  @Test
  void aStoreOfBeforeSpeaksForWhatSaysNothingAndForgetsWhatIsGone() throws Exception {
    Path former = directory.resolve("former");
    try (Subject subject = OverlaySubject.open(directory)) {
      Snapshotter snapshotter = subject.snapshotter();
      snapshotter.prepare(Call.PATIENT, "silent", "", Labels.of(Map.of("a", "b")));
      snapshotter.prepare(Call.PATIENT, "extract", "", Labels.NONE);
      snapshotter.prepare(Call.PATIENT, "removed since", "", Labels.NONE);
    }
    copy(directory.resolve("store"), former);
    try (Subject subject = OverlaySubject.open(directory)) {
      Snapshotter snapshotter = subject.snapshotter();
      snapshotter.remove(Call.PATIENT, "removed since");
      snapshotter.commit(Call.PATIENT, "layer", "extract", Optional.empty(), Labels.NONE);
      snapshotter.prepare(Call.PATIENT, "new since", "layer", Labels.NONE);
    }
    Files.delete(record(1));
    loseStore();

    RebuildReport report;
    try (Root root = Root.open(directory)) {
      report =
          new Rebuild(root, new SnapshotDirectories(root, SyncMode.METADATA), Clock.systemUTC())
              .run(fresh -> copy(former, fresh), StoreWork.unheard());
    }

    assertThat(report.gone()).containsExactly("removed since");
    assertThat(report.isWhole()).isTrue();
    try (Root root = Root.open(directory);
        RocksStore store = RocksStore.open(root.store())) {
      assertThat(store.find("silent").orElseThrow().labels())
          .isEqualTo(Labels.of(Map.of("a", "b")));
      assertThat(store.find("extract")).isEmpty();
      assertThat(store.find("removed since")).isEmpty();
      assertThat(store.find("layer")).get().isInstanceOf(Snapshot.Committed.class);
      assertThat(store.find("new since")).isPresent();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void anyOtherDirectoryIsRefused() {
    assertThatThrownBy(() -> StoppedRoot.rebuild(directory, StoreWork.unheard()))
        .isInstanceOf(RootException.class)
        .hasMessageContaining("is no root of Fuselage");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aRootThatIsServedIsRefused() throws Exception {
    try (Subject subject = OverlaySubject.open(directory)) {
      assertThatThrownBy(() -> StoppedRoot.rebuild(directory, StoreWork.unheard()))
          .isInstanceOfSatisfying(
              RootException.class,
              e -> assertThat(e.reason()).isEqualTo(RootException.Reason.IN_USE));
      assertThat(all(subject.snapshotter())).isEmpty();
    }
  }
}
