package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.Needs;
import dev.fuselage.admin.Verification.Finding;
import dev.fuselage.admin.Verification.Kind;
import dev.fuselage.admin.Verification.Listener;
import dev.fuselage.admin.Verification.Place;
import dev.fuselage.admin.Verification.Progress;
import dev.fuselage.admin.Verification.Request;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.overlay.Driver;
import dev.fuselage.overlay.IdleReclaimer;
import dev.fuselage.overlay.MountSettings;
import dev.fuselage.overlay.OverlaySnapshotter;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.overlay.UsageCache;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Stages;
import dev.fuselage.snapshot.TreeDigest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Upon a root with two layers and a container, made as containerd would make them. */
class VerifierTest {
  private static final Request PLAIN = new Request(false, false, false);
  private static final Request WITH_CONTENTS = new Request(true, false, false);
  private static final Request ADOPTING = new Request(false, true, false);
  private static final Request RESUMING = new Request(false, false, true);

  @TempDir Path path;
  private Root root;
  private RocksStore store;
  private SnapshotDirectories directories;
  private OverlaySnapshotter snapshotter;
  private Verifier verifier;
  private final List<Finding> findings = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    root = Root.open(path);
    store = RocksStore.open(root.store());
    directories = new SnapshotDirectories(root, SyncMode.METADATA);
    snapshotter = snapshotter(Stages.NONE);
    verifier = verifier(Duration.ofHours(24), Clock.systemUTC());
    layer("base", "");
    layer("upper", "base");
    snapshotter.prepare(Call.PATIENT, "container", "upper", Labels.NONE);
  }

  @AfterEach
  void close() {
    verifier.close();
    store.close();
    root.close();
  }

  private OverlaySnapshotter snapshotter(Stages stages) {
    return new OverlaySnapshotter(
        store,
        directories,
        new IdleReclaimer(),
        new OverlaySnapshotter.Settings(
            new MountSettings(Driver.FUSE_OVERLAYFS, List.of(), true, false, false),
            new Limits(4096, 1 << 20, 256),
            true,
            false),
        Clock.systemUTC(),
        new UsageCache(directories::measure, Duration.ZERO, System::nanoTime),
        stages);
  }

  private Verifier verifier(Duration every, Clock clock) {
    return new Verifier(
        store,
        root.snapshots(),
        directories,
        () -> snapshotter.settledId(),
        new Verifier.Settings(1_000_000, false, every),
        clock);
  }

  private void layer(String name, String parent) throws Exception {
    String key = "extract " + name;
    snapshotter.prepare(Call.PATIENT, key, parent, Labels.NONE);
    sh(
        key,
        """
        mkdir -p etc usr/lib
        for i in $(seq 600); do echo "text $i" > usr/lib/file$i; done
        echo configuration > etc/file
        setfattr -n user.kind -v config etc/file
        """);
    snapshotter.commit(Call.PATIENT, name, key, Optional.empty(), Labels.NONE);
  }

  private SnapshotId id(String key) {
    return store.find(key).orElseThrow().id();
  }

  private Path fs(String key) {
    return directories.fs(id(key));
  }

  private void sh(String key, String script) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-euc", script).directory(fs(key).toFile()).inheritIO().start();
    assertThat(process.waitFor()).as(script).isZero();
  }

  private Progress verify(Request request) {
    return verify(request, Call.PATIENT);
  }

  private Progress verify(Request request, Call call) {
    findings.clear();
    return verifier.run(
        request,
        call,
        new Listener() {
          @Override
          public void found(Finding finding) {
            findings.add(finding);
          }

          @Override
          public void progressed(Progress progress) {}
        });
  }

  @Test
  void findsNothingOnAHealthyRootInUse() throws Exception {
    sh("container", "echo log > log; mkdir -p usr/lib; rm -f etc");

    Progress progress = verify(WITH_CONTENTS);

    assertThat(findings).isEmpty();
    assertThat(progress).isEqualTo(new Progress(3, 3, 2 * 605, 0, 0));
    assertThat(store.quarantine()).isEmpty();
  }

  @Test
  void isNotAlarmedByWhatAContainerDoesAboveALayer() throws Exception {
    Needs.that("root".equals(System.getProperty("user.name")), "needs root, to mount an overlay");
    Path container = fs("container");
    String overlay =
        "lowerdir=%s:%s,upperdir=%s,workdir=%s"
            .formatted(fs("upper"), fs("base"), container, container.resolveSibling("work"));
    Process process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                "-euc",
                """
                mount -t overlay overlay -o "$0" /mnt
                cd /mnt
                cat etc/file usr/lib/* > /dev/null
                chmod 600 etc/file
                rm usr/lib/file1
                mv usr/lib/file2 usr/lib/moved
                rm -r etc && mkdir etc && echo new > etc/file
                setfattr -n user.kind -v other usr/lib/file3
                ln usr/lib/file4 usr/lib/linked
                """,
                overlay)
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();

    assertThat(verify(WITH_CONTENTS).damages()).isZero();
    assertThat(findings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "truncate -s 3 etc/file,                               TREE,      etc/file",
    "chmod 600 etc/file,                                   TREE,      etc/file",
    "setfattr -x user.kind etc/file,                       TREE,      etc/file",
    "mv etc t && mv usr etc && mv t usr,                   TREE,      etc",
    "rm usr/lib/file9,                                     TREE,      usr/lib",
    "echo Configuration > etc/file && touch -d @1 etc/file, TREE,     etc/file",
    "rm -r ../fs,                                          DIRECTORY, ''",
    "chmod 755 ..,                                         DIRECTORY, ''",
    "chown 12 ..,                                          DIRECTORY, ''",
  })
  void namesEachDamageAndBarsTheLayerAlone(String damage, Kind kind, String inside)
      throws Exception {
    sh("upper", damage);

    Progress progress = verify(PLAIN);

    assertThat(findings)
        .contains(
            new Finding(
                kind,
                Optional.of(new Place(id("upper"), "upper", inside)),
                findings.getFirst().detail()));
    assertThat(findings)
        .allSatisfy(finding -> assertThat(finding.place().orElseThrow().key()).isEqualTo("upper"));
    assertThat(progress.damages()).isEqualTo(findings.size());
    assertThat(store.quarantine()).containsOnlyKeys(id("upper"));
    assertThatThrownBy(() -> snapshotter.mounts("container"))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("quarantine");
  }

  @Test
  void findsAFlippedByteWhereContentsWereReadAtTheCommit() throws Exception {
    sh(
        "base",
        "cp -p etc/file /tmp/reference.$$; "
            + "printf X | dd of=etc/file bs=1 seek=4 conv=notrunc status=none; "
            + "touch -r /tmp/reference.$$ etc/file; rm /tmp/reference.$$");

    assertThat(verify(PLAIN).damages()).isZero();
    assertThat(verify(WITH_CONTENTS).damages()).isEqualTo(1);
    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.CONTENTS);
              assertThat(finding.place().orElseThrow().path()).isEqualTo("etc/file");
            });
  }

  @Test
  void findsARecordThatStandsOnNothing() {
    Snapshot.Active lost =
        new Snapshot.Active(
            store.newId(),
            "lost",
            new Ancestry("gone", List.of(new SnapshotId(999))),
            Labels.NONE,
            Instant.EPOCH,
            Instant.EPOCH);
    Updates.run(store, transaction -> transaction.put(lost));

    verify(PLAIN);

    assertThat(findings).extracting(Finding::kind).contains(Kind.RECORD, Kind.DIRECTORY);
    assertThat(store.quarantine()).containsOnlyKeys(lost.id());
  }

  private void forgetDigest(String name) {
    Updates.run(
        store,
        transaction -> {
          if (transaction.find(name).orElseThrow() instanceof Snapshot.Committed layer) {
            transaction.put(
                new Snapshot.Committed(
                    layer.id(),
                    name,
                    layer.ancestry(),
                    layer.labels(),
                    layer.created(),
                    layer.updated(),
                    layer.usage()));
          }
        });
  }

  @Test
  void notesALayerWithoutADigestAndAdoptsItWhenTold() throws Exception {
    forgetDigest("base");

    Progress noted = verify(PLAIN);
    assertThat(findings)
        .extracting(Finding::kind)
        .containsExactly(Kind.RECORD_FILE, Kind.UNVERIFIABLE);
    assertThat(noted.notes()).isOne();

    assertThat(verify(ADOPTING).notes()).isZero();
    assertThat(verify(PLAIN).notes()).isZero();
    sh("base", "chmod 600 etc/file");
    assertThat(verify(PLAIN).damages()).isEqualTo(1);
  }

  @Test
  void notesContentsThatWereNotReadAtTheCommitAndAdoptsThemWhenTold() throws Exception {
    Updates.run(
        store,
        transaction -> {
          if (transaction.find("base").orElseThrow() instanceof Snapshot.Committed layer) {
            long metadata = layer.digest().orElseThrow().metadata();
            transaction.put(layer.with(new TreeDigest(metadata, OptionalLong.empty())));
          }
        });
    reconcile();

    assertThat(verify(PLAIN).notes()).isZero();
    verify(WITH_CONTENTS);
    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.UNVERIFIABLE);
              assertThat(finding.detail()).contains("contents were not read");
            });

    assertThat(verify(new Request(true, true, false)).notes()).isZero();
    assertThat(verify(WITH_CONTENTS).notes()).isZero();
    sh(
        "base",
        "cp -p etc/file ../reference; printf X | dd of=etc/file bs=1 conv=notrunc status=none; "
            + "touch -r ../reference etc/file; rm ../reference");
    assertThat(verify(WITH_CONTENTS).damages()).isEqualTo(1);
  }

  private void reconcile() throws Exception {
    var unused =
        new Reconciler(store, root.snapshots(), directories)
            .run(snapshotter.settledId().orElseThrow());
  }

  private void assertSingleFinding(Kind kind, SnapshotId id, String key) {
    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(kind);
              assertThat(finding.place()).contains(new Place(id, key, ""));
            });
  }

  @Test
  void namesADirectoryWithoutARecordUntilReconciliationTakesIt() throws Exception {
    SnapshotId orphan = store.newId();
    Path directory = Files.createDirectories(directories.fs(orphan)).getParent();

    assertThat(verify(PLAIN).damages()).isOne();
    assertSingleFinding(Kind.ORPHAN, orphan, "snapshots/" + orphan);
    assertThat(directory).isDirectory();
    assertThat(store.quarantine()).isEmpty();

    reconcile();
    assertThat(verify(PLAIN).damages()).isZero();
  }

  @Test
  void leavesDirectoriesAloneThatARebuildKeptOrThatMayBeBeingMade() throws Exception {
    SnapshotId kept = store.newId();
    Files.createDirectories(directories.fs(kept));
    Updates.run(store, transaction -> transaction.quarantine(kept, "nothing says what it is"));
    Files.createDirectories(directories.fs(new SnapshotId(999_999)));
    Files.createDirectories(path.resolve("snapshots/lost+found"));

    assertThat(verify(PLAIN).damages()).isZero();
  }

  /** Stops after its record has gone, before its directory does. */
  @Test
  void waitsForARemovalThatIsUnderWayBeforeItNamesAnOrphan() throws Exception {
    CountDownLatch recordGone = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    OverlaySnapshotter slow =
        snapshotter(
            part ->
                () -> {
                  if (part == Stages.Part.STORE) {
                    recordGone.countDown();
                    awaitUnchecked(goOn);
                  }
                });
    SnapshotId id = id("container");
    Thread removing =
        Thread.ofPlatform().daemon().start(() -> slow.remove(Call.PATIENT, "container"));
    recordGone.await();
    assertThat(store.find("container")).isEmpty();
    assertThat(directories.fs(id)).isDirectory();

    AtomicInteger asked = new AtomicInteger();
    Progress progress =
        verify(
            PLAIN,
            () -> {
              // The first questions come from where it waits.
              if (asked.incrementAndGet() == 3) {
                goOn.countDown();
              }
            });

    removing.join();
    assertThat(findings).isEmpty();
    assertThat(progress.snapshots()).isEqualTo(2);
    assertThat(asked).hasValueGreaterThan(3);
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rm ../record,                               is missing",
    ": > ../record,                              holds no whole record",
    "printf X | dd of=../record conv=notrunc bs=1 seek=30 status=none, holds no whole record",
    "rm ../record && mkdir ../record,            holds no whole record",
    "cp ../../1/record ../record,                says something else",
  })
  void namesARecordFileThatIsNotWhatTheStoreSaysUntilReconciliationMendsIt(
      String damage, String detail) throws Exception {
    // Of one entry: the one before would be another way to say something else.
    Files.delete(fs("upper").resolveSibling("record"));
    reconcile();
    assertThat(verify(PLAIN).damages()).isZero();
    sh("upper", damage);

    assertThat(verify(PLAIN).damages()).isOne();
    assertSingleFinding(Kind.RECORD_FILE, id("upper"), "upper");
    assertThat(findings.getFirst().detail()).contains(detail);
    assertThat(store.quarantine()).isEmpty();

    sh("upper", "if [ -d ../record ]; then rmdir ../record; fi");
    reconcile();
    assertThat(verify(PLAIN).damages()).isZero();
  }

  @Test
  void mendsTheRecordFileOfWhatIsInQuarantineToo() throws Exception {
    sh("upper", "chmod 600 etc/file; rm ../record");
    verify(PLAIN);
    assertThat(findings).extracting(Finding::kind).containsExactly(Kind.RECORD_FILE, Kind.TREE);

    reconcile();

    verify(PLAIN);
    assertThat(findings).extracting(Finding::kind).containsExactly(Kind.TREE);
  }

  @Test
  void namesALayerWhoseCommitIsToldOfAsNotOver() throws Exception {
    sh("base", "head -c -1 ../record > ../torn && mv ../torn ../record");

    verify(PLAIN);

    assertSingleFinding(Kind.RECORD_FILE, id("base"), "base");
    assertThat(findings.getFirst().detail()).contains("a commit that is not over");
  }

  @Test
  void staysSilentWhileEverythingIsMadeAndChangedAndRemoved() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String name = "busy-" + i;
      callers.add(
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      while (!over.get()) {
                        makeChangeAndRemove(name);
                      }
                    } catch (RuntimeException | Error e) {
                      failures.add(e);
                    }
                  }));
    }
    List<Finding> all = new ArrayList<>();
    long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
    while (System.nanoTime() - end < 0) {
      verify(PLAIN);
      all.addAll(findings);
    }
    over.set(true);
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(failures).isEmpty();
    assertThat(all).isEmpty();
    verify(PLAIN);
    assertThat(findings).isEmpty();
  }

  private void makeChangeAndRemove(String name) {
    String key = "extract " + name;
    snapshotter.prepare(Call.PATIENT, key, "upper", Labels.NONE);
    snapshotter.update(Call.PATIENT, key, LabelChange.of(List.of("labels.a"), Map.of("a", "1")));
    snapshotter.commit(Call.PATIENT, name, key, Optional.empty(), Labels.NONE);
    snapshotter.update(Call.PATIENT, name, LabelChange.of(List.of("labels.b"), Map.of("b", "2")));
    snapshotter.view(Call.PATIENT, "view " + name, name, Labels.NONE);
    snapshotter.remove(Call.PATIENT, "view " + name);
    snapshotter.remove(Call.PATIENT, name);
  }

  @Test
  void doesNotTakeARemovalForDamage() {
    AtomicInteger asked = new AtomicInteger();
    // The third question comes from within the walk of the first layer.
    Call removing =
        () -> {
          if (asked.incrementAndGet() == 2) {
            snapshotter.remove(Call.PATIENT, "container");
            snapshotter.remove(Call.PATIENT, "upper");
            snapshotter.remove(Call.PATIENT, "base");
          }
        };

    verify(PLAIN, removing);

    assertThat(findings).isEmpty();
    assertThat(store.quarantine()).isEmpty();
  }

  @Test
  void refusesASecondThatIsAskedFor() {
    List<Throwable> refusals = new ArrayList<>();
    Call askingAgain =
        () -> {
          try {
            verifier.run(PLAIN, Call.PATIENT, silent());
          } catch (SnapshotException e) {
            refusals.add(e);
          }
        };

    verify(PLAIN, askingAgain);

    assertThat(refusals).isNotEmpty().allSatisfy(e -> assertThat(e).hasMessageContaining("way"));
  }

  private static Listener silent() {
    return new Listener() {
      @Override
      public void found(Finding finding) {}

      @Override
      public void progressed(Progress progress) {}
    };
  }

  @Test
  void goesOnWhereTheLastOneWasEnded() {
    AtomicInteger asked = new AtomicInteger();
    Call impatient =
        () -> {
          if (store.number(Verifier.POSITION).isPresent() || asked.incrementAndGet() > 4) {
            throw new SnapshotException(SnapshotException.Code.CANCELLED, "enough");
          }
        };
    assertThatThrownBy(() -> verify(PLAIN, impatient)).isInstanceOf(SnapshotException.class);
    long position = store.number(Verifier.POSITION).orElseThrow();
    assertThat(position).isEqualTo(id("base").value());

    assertThat(verify(RESUMING).ofSnapshots()).isEqualTo(2);
    assertThat(verify(RESUMING).ofSnapshots()).isEqualTo(3);
    assertThat(verify(PLAIN).ofSnapshots()).isEqualTo(3);
  }

  @Test
  void isDueOnceInAWhileAlone() throws Exception {
    verifier.runIfDue();
    assertThat(verifier.entries()).isPositive();
    Instant completed = verifier.lastCompleted().orElseThrow();

    sh("base", "chmod 600 etc/file");
    verifier.runIfDue();
    assertThat(verifier.damages()).isZero();

    try (Verifier later =
        verifier(
            Duration.ofHours(24),
            Clock.fixed(completed.plus(Duration.ofHours(24)), ZoneOffset.UTC))) {
      later.runIfDue();
      assertThat(later.damages()).isEqualTo(1);
    }
  }

  @Test
  void isNeverDueWhereThatIsSwitchedOff() {
    try (Verifier off = verifier(Duration.ZERO, Clock.systemUTC())) {
      off.runIfDue();
      assertThat(off.entries()).isZero();
    }
  }

  @Test
  void endsWhenTheServiceStops() throws Exception {
    assertThat(Files.isDirectory(fs("base"))).isTrue();
    Call closing = () -> verifierToClose().run();

    assertThatThrownBy(() -> verify(PLAIN, closing))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("stops");
  }

  /** Closing waits for the end of what is under way, so another thread does it. */
  private Runnable verifierToClose() {
    return () -> {
      Thread closing = Thread.ofPlatform().daemon().start(verifier::close);
      while (closing.getState() != Thread.State.TIMED_WAITING
          && closing.getState() != Thread.State.TERMINATED) {
        Thread.onSpinWait();
      }
    };
  }
}
