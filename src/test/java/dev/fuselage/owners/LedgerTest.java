package dev.fuselage.owners;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import dev.fuselage.grpc.LogCapture;
import dev.fuselage.overlay.OwnedRoot;
import dev.fuselage.posix.Unprivileged;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static final String NAMESPACE = "k8s.io";
  private static final Owner POD = new Owner(OwnerKind.POD, "shop", "web-0");

  @TempDir private Path directory;

  private OwnedRoot root;
  private Snapshotter snapshotter;
  private Ledger ledger;
  private Optional<View> view = Optional.empty();
  private Function<ContainerdKey, Optional<Boolean>> known = _ -> Optional.of(true);
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

  @BeforeEach
  void open() throws Exception {
    root = OwnedRoot.open(directory.resolve("root"));
    snapshotter = root.snapshotter();
    ledger = ledger(100);
  }

  private Ledger ledger(int activesARound) {
    return new Ledger(
        root.store(),
        root.usages(),
        root.survey(),
        () -> view,
        key -> known.apply(key),
        new Ledger.Settings(
            Duration.ofDays(1), Duration.ZERO, 1_000_000, activesARound, Duration.ofHours(1), 3, 0),
        now::get);
  }

  @AfterEach
  void close() throws Exception {
    ledger.close();
    root.close();
  }

  @Test
  void allHoldingsTogetherAreWhatDuSaysOfTheRoot() throws Exception {
    layer("1/sha256:a", "");
    layer("2/sha256:b", "1/sha256:a");
    container("3/c1", "2/sha256:b", 300_000);
    snapshotter.view(Call.PATIENT, key("4/view"), key("2/sha256:b"), Labels.NONE);
    Files.createDirectories(root.path().resolve("snapshots/999/fs"));
    Files.write(root.path().resolve("snapshots/999/fs/orphan"), new byte[50_000]);
    Files.createDirectories(root.path().resolve("trash/77"));
    Files.write(root.path().resolve("trash/77/file"), new byte[70_000]);
    ledger.report(Call.PATIENT);

    Report report = ledger.report(Call.PATIENT);

    assertThat(report.total().bytes()).isEqualTo(root.du());
    assertThat(of(report, OwnerKind.ORPHAN).usage().bytes()).isGreaterThan(50_000);
    assertThat(of(report, OwnerKind.TRASH).usage().bytes()).isGreaterThan(70_000);
    assertThat(of(report, OwnerKind.FUSELAGE).usage().bytes()).isPositive();
  }

  @Test
  void aTreeThatIsBeingDeletedIsOnlyWhatIsLeftOfIt() throws Exception {
    Path tree = Files.createDirectories(root.path().resolve("trash/77"));
    Files.write(tree.resolve("first"), new byte[400_000]);
    Files.write(tree.resolve("second"), new byte[400_000]);
    ledger.report(Call.PATIENT);
    ledger.followTrash("77"::equals);

    Files.delete(tree.resolve("first"));

    Report report = ledger.report(Call.PATIENT);
    assertThat(of(report, OwnerKind.TRASH).usage().bytes()).isBetween(400_000L, 500_000L);
    assertThat(report.total().bytes()).isEqualTo(root.du());
  }

  /** Where the root is a mount point, its lost+found is such a tree. */
  @Test
  void treesThatCannotBeReadCountAsWhatTheyTookAndHideNoOther() throws Exception {
    container("1/c1", "", 300_000);
    container("2/c2", "", 500_000);
    List<Path> trees =
        List.of(
            root.path().resolve("snapshots/1/fs/closed"),
            root.path().resolve("snapshots/1/work/closed"),
            root.path().resolve("snapshots/999"),
            root.path().resolve("trash/77"),
            root.path().resolve("lost+found"));
    for (Path tree : trees) {
      Files.createDirectories(tree);
      Files.write(tree.resolve("file"), new byte[90_000]);
    }
    try (Unprivileged _ = new Unprivileged();
        Ledger other = ledger(100)) {
      other.report(Call.PATIENT);
      Report before = other.report(Call.PATIENT);
      assertThat(before.gaps().unreadable()).isZero();
      for (Path tree : trees) {
        Files.setPosixFilePermissions(tree, Set.of());
      }
      root.write(key("2/c2"), 700_000);
      other.followTrash("77"::equals);

      Report report = other.report(Call.PATIENT);

      assertThat(report.gaps().unreadable()).isEqualTo(trees.size());
      assertThat(report.total().bytes() - before.total().bytes()).isBetween(195_000L, 205_000L);
    } finally {
      for (Path tree : trees) {
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwx------"));
      }
    }
  }

  @Test
  void whatIsWrittenIntoAnOrphanIsSeenInTheNextRound() throws Exception {
    Path orphan = Files.createDirectories(root.path().resolve("snapshots/999"));
    ledger.report(Call.PATIENT);
    ledger.report(Call.PATIENT);

    Files.write(orphan.resolve("file"), new byte[400_000]);

    Report report = ledger.report(Call.PATIENT);
    assertThat(of(report, OwnerKind.ORPHAN).usage().bytes()).isGreaterThan(400_000);
    assertThat(report.total().bytes()).isEqualTo(root.du());
  }

  @Test
  void ofTheTreesThatWaitInTheTrashOneIsMeasuredAgainInEachRound() throws Exception {
    for (String name : List.of("7", "77", "8")) {
      Files.createDirectories(root.path().resolve("trash").resolve(name));
    }
    ledger.report(Call.PATIENT);

    for (String name : List.of("7", "77", "8")) {
      Files.write(root.path().resolve("trash").resolve(name).resolve("file"), new byte[400_000]);
    }

    assertThat(of(ledger.report(Call.PATIENT), OwnerKind.TRASH).usage().bytes())
        .isBetween(400_000L, 500_000L);
    ledger.report(Call.PATIENT);
    assertThat(ledger.report(Call.PATIENT).total().bytes()).isEqualTo(root.du());
  }

  /** As after a restart: totals would be too small for as many pauses as it takes. */
  @Test
  void whatWasNeverWalkedIsCountedAndHasRoundsFollowEachOther() throws Exception {
    for (int i = 1; i <= 4; i++) {
      container(i + "/c" + i, "", 100_000);
    }
    try (Ledger other = ledger(1)) {
      assertThat(other.report(Call.PATIENT).gaps().unmeasured()).isEqualTo(3);

      Awaitility.await().until(() -> other.last().orElseThrow().gaps().equals(Report.Gaps.NONE));
      assertThat(other.last().orElseThrow().total().bytes()).isEqualTo(root.du());
    }
  }

  /** One that lost its directory is for the reconciler, not for another walk at once. */
  @Test
  void anActiveSnapshotWithoutADirectoryIsNotWaitedFor() throws Exception {
    container("1/c1", "", 10);
    Files.move(root.path().resolve("snapshots/1"), directory.resolve("lost"));

    assertThat(ledger.report(Call.PATIENT).gaps()).isEqualTo(Report.Gaps.NONE);
  }

  @Test
  void aTreeIsNoGapAnyMoreWhenItCanBeReadOrIsGone() throws Exception {
    Path closed = Files.createDirectories(root.path().resolve("lost+found"));
    Path gone = Files.createDirectories(root.path().resolve("trash/77"));
    try (Unprivileged _ = new Unprivileged();
        Ledger other = ledger(100)) {
      Files.setPosixFilePermissions(closed, Set.of());
      Files.setPosixFilePermissions(gone, Set.of());
      assertThat(other.report(Call.PATIENT).gaps().unreadable()).isEqualTo(2);

      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
      Files.delete(gone);

      assertThat(other.report(Call.PATIENT).gaps()).isEqualTo(Report.Gaps.NONE);
    }
  }

  @Test
  void aDirectoryWithoutARecordIsAnOrphanOnlyAtTheSecondLook() throws Exception {
    Files.createDirectories(root.path().resolve("snapshots/999/fs"));

    assertThat(kinds(ledger.report(Call.PATIENT))).doesNotContain(OwnerKind.ORPHAN);
    assertThat(kinds(ledger.report(Call.PATIENT))).contains(OwnerKind.ORPHAN);
  }

  @Test
  void layersBelongToTheirImageAndWhatAContainerWritesToItsPod() throws Exception {
    layer("1/sha256:a", "");
    container("2/c1", "1/sha256:a", 100_000);
    see(List.of(pod("c1")), List.of(image("web:1", "sha256:a")));

    Report report = ledger.report(Call.PATIENT);

    assertThat(holding(report, POD).usage().bytes()).isGreaterThan(100_000);
    assertThat(holding(report, owner("web:1")).entries()).isOne();
    assertThat(report.live()).isTrue();
  }

  @Test
  void whatSeveralImagesNeedIsSharedAndCountedOnce() throws Exception {
    layer("1/sha256:base", "");
    layer("2/sha256:one", "1/sha256:base");
    layer("3/sha256:two", "1/sha256:base");
    see(List.of(), List.of(image("one:1", "sha256:one"), image("two:1", "sha256:two")));

    Report report = ledger.report(Call.PATIENT);

    long shared = holding(report, Owner.SHARED).usage().bytes();
    assertThat(shared).isPositive();
    assertThat(holding(report, owner("one:1")).entries()).isOne();
    assertThat(holding(report, owner("one:1")).shared().bytes()).isEqualTo(shared);
    assertThat(holding(report, owner("two:1")).shared().bytes()).isEqualTo(shared);
  }

  @Test
  void layersWhoseImageIsGoneBelongToThePodThatStandsOnThem() throws Exception {
    layer("1/sha256:a", "");
    container("2/c1", "1/sha256:a", 10);
    see(List.of(pod("c1")), List.of());

    assertThat(holding(ledger.report(Call.PATIENT), POD).entries()).isEqualTo(2);
  }

  @Test
  void whatNobodyNeedsIsUnclaimedAfterAWhileAndNotBefore() throws Exception {
    layer("1/sha256:a", "");
    container("2/it's mine", "1/sha256:a", 10);
    see(List.of(), List.of());

    assertThat(kinds(ledger.report(Call.PATIENT))).contains(OwnerKind.PENDING);
    now.set(Instant.EPOCH.plus(Duration.ofHours(1)));
    Report report = ledger.report(Call.PATIENT);

    assertThat(of(report, OwnerKind.UNCLAIMED).entries()).isEqualTo(2);
    assertThat(report.unclaimed())
        .extracting(Unclaimed::command)
        .containsExactlyInAnyOrder(
            Optional.of(
                "ctr --namespace 'k8s.io' snapshots --snapshotter fuselage rm 'it'\\''s mine'"),
            Optional.empty());
  }

  @Test
  void whatContainerdDoesNotKnowItsCollectorFrees() throws Exception {
    known = key -> Optional.of(!key.key().equals("forgotten"));
    container("1/forgotten", "", 40);
    snapshotter.prepare(Call.PATIENT, "none of containerd's", "", Labels.NONE);

    assertThat(unclaimed())
        .hasSize(2)
        .allSatisfy(
            one -> {
              assertThat(one.known()).hasValue(false);
              assertThat(one.command())
                  .hasValue(
                      "ctr snapshots --snapshotter fuselage prepare fuselage-sweep"
                          + " && ctr snapshots --snapshotter fuselage rm fuselage-sweep"
                          + " && ctr leases create --id fuselage-sweep"
                          + " && ctr leases rm --sync fuselage-sweep");
            });
  }

  /** A command with its key would remove the other one. */
  @Test
  void ofTwoSnapshotsThatContainerdGaveOneKeyItKnowsTheLaterOne() throws Exception {
    container("1/c1", "", 10);
    container("2/c1", "", 300_000);

    assertThat(unclaimed())
        .extracting(Unclaimed::known)
        .containsExactly(Optional.of(true), Optional.of(false));

    see(List.of(pod("c1")), List.of());
    assertThat(ledger.report(Call.PATIENT).unclaimed())
        .singleElement()
        .satisfies(one -> assertThat(one.snapshot().key()).isEqualTo(key("1/c1")));
  }

  @Test
  void noCommandIsToldWhileContainerdDoesNotSayWhatItKnows() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    known =
        _ -> {
          asked.incrementAndGet();
          return Optional.empty();
        };
    container("1/c1", "", 10);
    container("2/c2", "", 10);

    assertThat(unclaimed())
        .extracting(Unclaimed::command)
        .containsExactly(Optional.empty(), Optional.empty());
    assertThat(asked).as("one silence is enough for a report").hasValue(1);
  }

  @Test
  void aShellReadsInACommandTheKeyThatContainerdGave() throws Exception {
    String name = "tab\t\\ 'quoted' \"twice\" $HOME é \u202e end";
    container("1/" + name, "", 10);

    String command = unclaimed().getFirst().command().orElseThrow();

    assertThat(command).matches("\\p{Print}*");
    Process shell =
        new ProcessBuilder("bash", "-c", "ctr() { printf '%s' \"${@: -1}\"; }; " + command).start();
    assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(name);
  }

  @Test
  void whatWasNeededInBetweenBeginsToWaitAnew() throws Exception {
    container("1/c1", "", 10);
    see(List.of(), List.of());
    ledger.report(Call.PATIENT);
    now.set(Instant.EPOCH.plus(Duration.ofMinutes(50)));
    see(List.of(pod("c1")), List.of());
    ledger.report(Call.PATIENT);
    see(List.of(), List.of());
    now.set(Instant.EPOCH.plus(Duration.ofMinutes(70)));

    assertThat(kinds(ledger.report(Call.PATIENT)))
        .contains(OwnerKind.PENDING)
        .doesNotContain(OwnerKind.UNCLAIMED);
  }

  @Test
  void whatALeaseKeepsIsBeingUnpacked() throws Exception {
    container("1/extract-1", "", 10);
    view =
        Optional.of(
            new View(List.of(), List.of(), Set.of(new ContainerdKey(NAMESPACE, "extract-1"))));
    ledger.report(Call.PATIENT);
    now.set(Instant.EPOCH.plus(Duration.ofDays(1)));

    assertThat(kinds(ledger.report(Call.PATIENT))).contains(OwnerKind.UNPACKING);
  }

  @Test
  void withoutContainerdNothingIsUnclaimedAndKeysGiveWhatTheyCan() throws Exception {
    layer("1/sha256:a", "");
    container("2/c1", "1/sha256:a", 10);
    container("3/extract-5", "1/sha256:a", 10);
    ledger.report(Call.PATIENT);
    now.set(Instant.EPOCH.plus(Duration.ofDays(1)));

    Report report = ledger.report(Call.PATIENT);

    assertThat(report.live()).isFalse();
    assertThat(report.unclaimed()).isEmpty();
    assertThat(kinds(report)).contains(OwnerKind.UNKNOWN, OwnerKind.CONTAINER, OwnerKind.UNPACKING);
  }

  @Test
  void theLargestSnapshotsAreNamedAndTheRestIsSummed() throws Exception {
    for (int i = 1; i <= 5; i++) {
      container(i + "/c" + i, "", i * 100_000);
    }

    Report report = ledger.report(Call.PATIENT);

    assertThat(report.snapshots())
        .extracting(row -> row.key())
        .containsExactly(key("5/c5"), key("4/c4"), key("3/c3"));
    assertThat(report.others().count()).isEqualTo(2);
  }

  @Test
  void aWritableSnapshotOverItsLimitIsNamed() throws Exception {
    String key = key("1/c1");
    snapshotter.prepare(Call.PATIENT, key, "", Labels.of(Map.of(Labels.MAX_SIZE, "100000")));
    assertThat(ledger.report(Call.PATIENT).overLimit()).isEmpty();

    root.write(key, 200_000);

    assertThat(ledger.report(Call.PATIENT).overLimit())
        .singleElement()
        .satisfies(over -> assertThat(over.limit()).isEqualTo(100_000));
  }

  @Test
  void aLimitThatCannotBeReadIsLoggedOnce() throws Exception {
    snapshotter.prepare(
        Call.PATIENT, key("1/c1"), "", Labels.of(Map.of(Labels.MAX_SIZE, "plenty")));

    try (LogCapture log = new LogCapture(Ledger.class)) {
      ledger.report(Call.PATIENT);
      ledger.report(Call.PATIENT);

      assertThat(log.texts()).filteredOn(line -> line.contains("\"plenty\"")).hasSize(1);
    }
  }

  /** Who takes a share of a core for it, as the node's page does, would wait for minutes else. */
  @Test
  void whatMeasuringTookDoesNotCountThePausesOfItsPace() throws Exception {
    container("1/c1", "", 10);
    // At this pace the first pause alone is more than a second.
    Ledger.Settings slow =
        new Ledger.Settings(
            Duration.ofMillis(1), Duration.ZERO, 200, 100, Duration.ofHours(1), 3, 0);

    try (Ledger paced =
        new Ledger(root.store(), root.usages(), root.survey(), () -> view, known, slow, now::get)) {
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> paced.last().isPresent());

      assertThat(paced.last().orElseThrow().took()).isLessThan(Duration.ofSeconds(1));
    }
  }

  private static String key(String rest) {
    return NAMESPACE + "/" + rest;
  }

  private void layer(String name, String parent) throws IOException {
    String working = key("0/working " + name);
    snapshotter.prepare(Call.PATIENT, working, parent.isEmpty() ? "" : key(parent), Labels.NONE);
    root.write(working, 40_000);
    snapshotter.commit(Call.PATIENT, key(name), working, Optional.empty(), Labels.NONE);
  }

  private void container(String name, String parent, int bytes) throws IOException {
    snapshotter.prepare(Call.PATIENT, key(name), parent.isEmpty() ? "" : key(parent), Labels.NONE);
    root.write(key(name), bytes);
  }

  /** What is unclaimed at the end of the time that it takes to be so. */
  private List<Unclaimed> unclaimed() {
    see(List.of(), List.of());
    ledger.report(Call.PATIENT);
    now.set(now.get().plus(Duration.ofHours(1)));
    return ledger.report(Call.PATIENT).unclaimed();
  }

  private void see(List<View.Container> containers, List<View.Image> images) {
    view = Optional.of(new View(containers, images, Set.of()));
  }

  private static View.Container pod(String key) {
    return new View.Container(
        new ContainerdKey(NAMESPACE, key),
        key,
        "web:1",
        Optional.of(new View.Pod("shop", "web-0", "uid")));
  }

  private static View.Image image(String name, String top) {
    return new View.Image(List.of(name), new ContainerdKey(NAMESPACE, top));
  }

  private static Owner owner(String image) {
    return new Owner(OwnerKind.IMAGE, NAMESPACE, image);
  }

  private static Holding holding(Report report, Owner owner) {
    return report.holdings().stream()
        .filter(holding -> holding.owner().equals(owner))
        .findFirst()
        .orElseThrow();
  }

  private static Holding of(Report report, OwnerKind kind) {
    return report.holdings().stream()
        .filter(holding -> holding.owner().kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  private static List<OwnerKind> kinds(Report report) {
    return report.holdings().stream().map(holding -> holding.owner().kind()).toList();
  }
}
