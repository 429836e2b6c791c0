package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.metadata.RecordLog;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Stages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFilesTest {
  private static final Labels LABELS = Labels.of(Map.of("a", "1"));

  @TempDir Path path;
  private Root root;
  private RocksStore store;
  private SnapshotDirectories directories;
  private RecordFiles records;
  private OverlaySnapshotter snapshotter;

  @BeforeEach
  void open() throws Exception {
    root = Root.open(path);
    store = RocksStore.open(root.store());
    directories = new SnapshotDirectories(root, SyncMode.FULL);
    records = directories.records();
    snapshotter =
        new OverlaySnapshotter(
            store, directories, new IdleReclaimer(), OverlaySubject.SETTINGS, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    store.close();
    root.close();
  }

  private Snapshot recorded(String key) {
    return store.find(key).orElseThrow();
  }

  private Path file(SnapshotId id) {
    return path.resolve("snapshots").resolve(id.toString()).resolve("record");
  }

  private void assertAgrees(String key) throws Exception {
    assertThat(records.read(recorded(key).id()))
        .contains(new RecordLog.Entry(recorded(key), false, Optional.empty()));
  }

  @Test
  void saysWhatTheStoreSaysThroughALayersLife() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", LABELS);
    assertAgrees("key");
    snapshotter.update(Call.PATIENT, "key", LabelChange.of(List.of("labels.b"), Map.of("b", "2")));
    assertAgrees("key");
    Files.writeString(path.resolve("snapshots/1/fs/file"), "content");
    snapshotter.commit(Call.PATIENT, "layer", "key", Optional.empty(), LABELS);
    assertAgrees("layer");
    snapshotter.update(Call.PATIENT, "layer", LabelChange.of(List.of("labels"), Map.of()));
    assertAgrees("layer");
    snapshotter.view(Call.PATIENT, "view", "layer", Labels.NONE);
    assertAgrees("view");
  }

  @Test
  void liesOutsideOfWhatIsMountedAndIsForItsOwnerAlone() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", Labels.NONE);

    assertThat(Files.getPosixFilePermissions(file(recorded("key").id()))).hasSize(2);
    try (var entries = Files.list(path.resolve("snapshots/1/fs"))) {
      assertThat(entries).isEmpty();
    }
  }

  @Test
  void aCommitThatIsRefusedIsWithdrawn() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", LABELS);
    Look leaves =
        () -> {
          if (Files.size(file(new SnapshotId(1)))
              > RecordLog.entry(recorded("key"), Optional.empty()).length) {
            throw new SnapshotException(SnapshotException.Code.CANCELLED, "gone");
          }
        };

    assertThatThrownBy(
            () -> snapshotter.commit(impatient(leaves), "layer", "key", Optional.empty(), LABELS))
        .isInstanceOf(SnapshotException.class)
        .hasMessage("gone");
    assertAgrees("key");
  }

  @Test
  void nothingIsLeftOfASnapshotThatCameToNothing() {
    snapshotter.prepare(Call.PATIENT, "key", "", Labels.NONE);
    snapshotter.remove(Call.PATIENT, "key");
    assertThatThrownBy(
            () ->
                snapshotter.prepare(
                    impatient(
                        () -> {
                          if (Files.exists(file(new SnapshotId(2)))) {
                            throw new SnapshotException(SnapshotException.Code.CANCELLED, "gone");
                          }
                        }),
                    "key",
                    "",
                    Labels.NONE))
        .hasMessage("gone");

    assertThat(path.resolve("snapshots")).isEmptyDirectory();
  }

  /** What is done when a commit has been written to the store, and not yet beside the layer. */
  private void commitLookingOn(Runnable meanwhile) {
    OverlaySnapshotter watched =
        new OverlaySnapshotter(
            store,
            directories,
            new IdleReclaimer(),
            OverlaySubject.SETTINGS,
            Clock.systemUTC(),
            new UsageCache(directories::measure, Duration.ZERO, System::nanoTime),
            part ->
                () -> {
                  if (part == Stages.Part.STORE) {
                    meanwhile.run();
                  }
                });
    watched.commit(Call.PATIENT, "layer", "key", Optional.empty(), LABELS);
  }

  @Test
  void anUpdateOfALayerWaitsForTheEndOfItsCommit() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", Labels.NONE);
    AtomicReference<Thread> updating = new AtomicReference<>();
    commitLookingOn(
        () -> {
          Thread update =
              Thread.ofPlatform()
                  .daemon()
                  .start(
                      () ->
                          snapshotter.update(
                              Call.PATIENT,
                              "layer",
                              LabelChange.of(List.of("labels.b"), Map.of("b", "2"))));
          updating.set(update);
          while (update.getState() != Thread.State.WAITING
              && update.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
          }
        });
    updating.get().join();

    assertThat(recorded("layer").labels().asMap()).containsEntry("b", "2");
    assertAgrees("layer");
  }

  @Test
  void nothingIsWrongWithAFileThatIsAboutToBeWritten() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", Labels.NONE);
    List<Optional<String>> faults = new ArrayList<>();
    commitLookingOn(
        () -> {
          try {
            assertThat(records.read(recorded("layer").id()))
                .get()
                .matches(RecordLog.Entry::announced);
            faults.add(records.fault(recorded("layer"), store));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });

    assertThat(faults).containsExactly(Optional.empty());
  }

  @Test
  void aFileThatGrowsIsWrittenAnew() throws Exception {
    Labels large = Labels.of(Map.of("a", "x".repeat(4000)));
    snapshotter.prepare(Call.PATIENT, "key", "", large);
    for (int i = 0; i < 150; i++) {
      snapshotter.update(
          Call.PATIENT, "key", LabelChange.of(List.of("labels.b"), Map.of("b", "" + i)));
    }

    assertAgrees("key");
    assertThat(Files.size(file(recorded("key").id()))).isLessThan(300_000);
  }

  @Test
  void bringsAFileThatIsMissingTornOrBehindToAgree() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", LABELS);
    Path file = file(recorded("key").id());
    byte[] before = Files.readAllBytes(file);
    snapshotter.update(Call.PATIENT, "key", LabelChange.of(List.of("labels"), Map.of("b", "2")));
    assertThat(records.agree(recorded("key"), store)).isFalse();

    Files.write(file, before);
    assertThat(records.agree(recorded("key"), store)).isTrue();
    assertAgrees("key");

    Files.write(file, new byte[] {1, 2, 3});
    assertThat(records.agree(recorded("key"), store)).isTrue();
    assertAgrees("key");

    Files.delete(file);
    Files.createFile(file.resolveSibling("record.new"));
    assertThat(records.agree(recorded("key"), store)).isTrue();
    assertAgrees("key");
  }

  @Test
  void aSnapshotThatWentMeanwhileHasNothingToAgreeOn() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", LABELS);
    Snapshot snapshot = recorded("key");
    snapshotter.remove(Call.PATIENT, "key");

    assertThat(records.agree(snapshot, store)).isFalse();
    assertThat(records.read(snapshot.id())).isEmpty();
  }

  @Test
  void aLinkInItsPlaceIsNotFollowed() throws Exception {
    snapshotter.prepare(Call.PATIENT, "key", "", LABELS);
    Path file = file(recorded("key").id());
    Path outside = Files.write(path.resolve("outside"), Files.readAllBytes(file));
    Files.delete(file);
    Files.createSymbolicLink(file, outside);

    assertThat(records.read(recorded("key").id())).isEmpty();
    assertThat(records.agree(recorded("key"), store)).isTrue();
    assertThat(file).isRegularFile();
  }

  /** A caller who looks at the disk before saying whether they still wait. */
  private static Call impatient(Look look) {
    return () -> {
      try {
        look.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  @FunctionalInterface
  private interface Look {
    void run() throws IOException;
  }
}
