package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fuselage.Needs;
import dev.fuselage.admin.Trash;
import dev.fuselage.overlay.Root;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {
  @TempDir Path path;
  private Root root;

  @BeforeEach
  void open() throws Exception {
    root = Root.open(path);
  }

  @AfterEach
  void close() {
    root.close();
  }

  private Reaper reaper(int entriesPerSecond, Duration drainLimit) {
    return new Reaper(
        root.trash(),
        new Reaper.Settings(
            entriesPerSecond, drainLimit, Duration.ofMillis(50), Duration.ofMillis(200)));
  }

  private Path throwAway(String id, int files) throws IOException {
    Path tree = path.resolve("trash").resolve(id);
    Files.createDirectories(tree.resolve("fs"));
    for (int i = 0; i < files; i++) {
      Files.createFile(tree.resolve("fs").resolve("file-" + i));
    }
    return tree;
  }

  @Test
  void emptiesTheTrashWhenItIsWoken() throws Exception {
    Path tree = throwAway("1", 100);
    try (Reaper reaper = reaper(1_000_000, Duration.ofSeconds(10))) {
      reaper.look();

      await().until(() -> !Files.exists(tree));
    }
    assertThat(path.resolve("trash")).isEmptyDirectory();
  }

  @Test
  void deletesAtFullSpeedWhatSomebodyWaitsFor() throws Exception {
    Path tree = throwAway("1", 2_000);
    // At one entry a second this would take half an hour.
    try (Reaper reaper = reaper(1, Duration.ofMinutes(5))) {
      reaper.drain(Call.PATIENT);

      assertThat(tree).doesNotExist();
    }
  }

  private int timesAskedForPressure(int trees, int files) throws IOException {
    AtomicInteger asked = new AtomicInteger();
    for (int i = 0; i < trees; i++) {
      throwAway(Integer.toString(i), files);
    }
    Reaper.Settings settings =
        new Reaper.Settings(
            1_000_000, Duration.ofSeconds(10), Duration.ofMillis(50), Duration.ofMillis(200));
    BooleanSupplier pressure =
        () -> {
          asked.incrementAndGet();
          return false;
        };
    try (Reaper reaper = new Reaper(root.trash(), settings, pressure)) {
      reaper.look();
      await().until(() -> reaper.figures().trees() == trees);
    }
    return asked.get();
  }

  @Test
  void makesWayForOthersAfterSomeEntriesHoweverManyTreesTheseAre() throws Exception {
    // A tree of two files is four entries: fifty of them are less than what is deleted at a time.
    assertThat(timesAskedForPressure(50, 2)).isZero();
    assertThat(timesAskedForPressure(400, 2)).isPositive();
  }

  @Test
  void doesNotFallBehindMoreAndMoreForTheSakeOfOthers() throws Exception {
    // Not as long as there are many left.
    assertThat(timesAskedForPressure(Backlog.MANY * 2, 0)).isBetween(1, Backlog.MANY + 1);
  }

  @Test
  void saysHowFarItIsByCounts() throws Exception {
    throwAway("1", 100);
    throwAway("2", 100);
    try (Reaper reaper = reaper(1, Duration.ofMinutes(5))) {
      Trash.Progress progress = reaper.empty(Call.PATIENT, unused -> {});

      // The files, and two directories of each.
      assertThat(progress).isEqualTo(new Trash.Progress(0, 2, 204, 0));
    }
  }

  @Test
  void tellsWhichTreeItHasBegunOn() throws Exception {
    throwAway("1", 2_000);
    throwAway("2", 2_000);
    try (Reaper reaper = reaper(1, Duration.ofMinutes(5))) {
      assertThat(reaper.hasBegun("1") || reaper.hasBegun("2")).isFalse();

      reaper.look();

      await().until(() -> reaper.hasBegun("1") != reaper.hasBegun("2"));
      reaper.drain(Call.PATIENT);
      await().until(() -> !reaper.hasBegun("1") && !reaper.hasBegun("2"));
    }
  }

  @Test
  void hasNothingToWaitForInAnEmptyTrash() {
    try (Reaper reaper = reaper(1, Duration.ofMinutes(5))) {
      reaper.drain(Call.PATIENT);
    }
    assertThat(path.resolve("trash")).isEmptyDirectory();
  }

  @Test
  void endsADrainAtItsLimit() throws Exception {
    throwAway("1", 1);
    Call counting =
        () -> {
          throw new AssertionError("nothing is waited for beyond the limit");
        };
    try (Reaper reaper = reaper(1, Duration.ZERO)) {
      reaper.drain(counting);
    }
  }

  @Test
  void endsADrainWhoseCallerIsGone() throws Exception {
    throwAway("1", 5_000);
    Call gone =
        () -> {
          throw new SnapshotException(SnapshotException.Code.CANCELLED, "gone");
        };
    try (Reaper reaper = reaper(1, Duration.ofMinutes(5))) {
      assertThatThrownBy(() -> reaper.drain(gone)).isInstanceOf(SnapshotException.class);
    }
  }

  @Test
  void goesOnAfterATreeThatCannotBeDeletedAndTriesThatAgain() throws Exception {
    Path stuck = throwAway("1", 1);
    Path mountPoint = Files.createDirectory(stuck.resolve("fs/mounted"));
    run("mount", "-t", "tmpfs", "tmpfs", mountPoint.toString());
    CountDownLatch unmounted = new CountDownLatch(1);
    try (Reaper reaper = reaper(1_000_000, Duration.ofSeconds(10))) {
      Path next = throwAway("2", 1);
      reaper.look();
      await().until(() -> !Files.exists(next));
      assertThat(mountPoint).isDirectory();

      // Who waits does not wait for what can't be deleted.
      reaper.drain(Call.PATIENT);

      run("umount", mountPoint.toString());
      unmounted.countDown();
      await().until(() -> !Files.exists(stuck));
    } finally {
      if (unmounted.getCount() > 0) {
        run("umount", mountPoint.toString());
      }
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }

  @Test
  void leavesTheRestForTheNextStartWhenItIsClosed() throws Exception {
    Path tree = throwAway("1", 10_000);
    try (Reaper reaper = reaper(1, Duration.ofMinutes(5))) {
      reaper.look();
    }
    assertThat(tree).exists();

    try (Reaper next = reaper(1_000_000, Duration.ofMinutes(5))) {
      next.look();
      await().until(() -> !Files.exists(tree));
    }
  }

  @Test
  void namesWhatLiesInTheTrashAndWhyItCannotBeDeleted() throws Exception {
    Path stuck = throwAway("1", 1);
    Path mountPoint = Files.createDirectory(stuck.resolve("fs/mounted"));
    run("mount", "-t", "tmpfs", "tmpfs", mountPoint.toString());
    try (Reaper reaper = reaper(1_000_000, Duration.ofSeconds(10))) {
      Trash.Progress result = reaper.empty(Call.PATIENT, progress -> {});

      assertThat(result.treesLeft()).isEqualTo(1);
      assertThat(result.treesPostponed()).isEqualTo(1);
      assertThat(reaper.list())
          .singleElement()
          .satisfies(
              tree -> {
                assertThat(tree.name()).isEqualTo("1");
                assertThat(tree.since()).isBetween(Instant.now().minusSeconds(60), Instant.now());
                assertThat(tree.backOff().orElseThrow().reason()).contains("fs/mounted", "EBUSY");
              });
    } finally {
      run("umount", mountPoint.toString());
    }
  }

  @Test
  void tellsWhatItDeletedForWhoWaited() throws Exception {
    throwAway("1", 100);
    throwAway("2", 100);
    try (Reaper reaper = reaper(1, Duration.ofSeconds(10))) {
      assertThat(reaper.empty(Call.PATIENT, progress -> {}))
          .isEqualTo(new Trash.Progress(0, 2, 204, 0));
      assertThat(reaper.list()).isEmpty();
    }
  }

  @Test
  void keepsAnImmutableFileAndNamesItUntilItCanBeDeleted() throws Exception {
    Path tree = throwAway("1", 50);
    String immutable = Files.createFile(tree.resolve("fs/immutable")).toString();
    Needs.that(
        new ProcessBuilder("chattr", "+i", immutable).start().waitFor() == 0,
        "chattr +i does not work on the file system of the temporary directory");
    try (Reaper reaper = reaper(1_000_000, Duration.ofSeconds(10))) {
      try {
        reaper.drain(Call.PATIENT);

        assertThat(reaper.figures().stuck()).isEqualTo(1);
        assertThat(reaper.list().getFirst().backOff().orElseThrow().reason())
            .contains("1/fs/immutable", "EPERM");
        assertThat(tree.resolve("fs")).isDirectoryContaining(path -> path.endsWith("immutable"));
      } finally {
        run("chattr", "-i", immutable);
      }

      await().until(() -> !Files.exists(tree));
      assertThat(reaper.figures().trees()).isEqualTo(1);
      assertThat(reaper.figures().failures()).isPositive();
      await().until(() -> reaper.figures().stuck() == 0);
    }
  }

  @Test
  void goesAtFullSpeedWhereSpaceIsLow() throws Exception {
    Path tree = throwAway("1", 2_000);
    // At one entry a second this would take half an hour; no disk is entirely free.
    Reaper.Settings settings =
        new Reaper.Settings(
            1, 100, Duration.ofSeconds(10), Duration.ofMillis(50), Duration.ofMillis(200));
    try (Reaper reaper = new Reaper(root.trash(), settings)) {
      reaper.look();

      await().until(() -> !Files.exists(tree));
    }
  }

  @Test
  void remembersWhatALayerTook() throws Exception {
    throwAway("1", 2_000);
    throwAway("2", 1);
    Usage usage = new Usage(8192, 2001);
    try (Reaper reaper = reaper(1, Duration.ofSeconds(10))) {
      reaper.removed(new SnapshotId(1), Optional.of(usage));

      assertThat(reaper.list())
          .filteredOn(tree -> tree.name().equals("1"))
          .extracting(Trash.Tree::usage)
          .containsExactly(Optional.of(usage));
    }
  }

  @Test
  void emptiesAWideAndADeepTree() throws Exception {
    Path wide = throwAway("1", 20_000);
    Path deep = throwAway("2", 1);
    run("sh", "-euc", "cd " + deep + "; for i in $(seq 400); do mkdir d; cd d; done; : > leaf");
    try (Reaper reaper = reaper(1, Duration.ofMinutes(2))) {
      reaper.drain(Call.PATIENT);
    }
    assertThat(wide).doesNotExist();
    assertThat(deep).doesNotExist();
  }

  @Test
  void refusesAPaceThatWouldNeverEnd() {
    assertThatThrownBy(() -> reaper(0, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
  }
}
