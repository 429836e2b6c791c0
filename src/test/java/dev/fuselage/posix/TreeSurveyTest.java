package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Digests of a tree with something of each kind in it, before and after a command. */
class TreeSurveyTest {
  private static final TreeWalker.Pace UNHURRIED = (entries, calling) -> {};
  private static final String TREE =
      """
      mkdir -p tree/etc tree/usr/bin tree/usr/lib/empty
      for i in 1 2 3; do echo "text $i" > tree/etc/file$i; done
      head -c 300000 /dev/zero > tree/usr/lib/large
      ln tree/usr/lib/large tree/usr/bin/linked
      ln tree/usr/lib/large tree/usr/bin/again
      ln tree/etc/file3 tree/usr/bin/file3
      ln -s ../etc/file1 tree/usr/link
      mkfifo tree/usr/pipe
      printf x > "$(printf 'tree/etc/caf\\351')"
      setfattr -n user.kind -v config tree/etc/file2
      setfattr -n user.overlay.opaque -v y tree/usr/lib
      chmod 4755 tree/usr/bin/linked
      chmod 0 tree/etc/file3
      find tree -exec touch -h -d '2026-01-02 03:04:05.678' {} +
      """;

  @TempDir Path root;
  private Directory directory;

  @BeforeEach
  void open() throws Exception {
    sh(TREE);
    directory = Directory.open(root);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private void sh(String script) throws IOException, InterruptedException {
    TestTrees.mustRun("sh", "-euc", "cd " + root + "\n" + script);
  }

  private TreeWalker.Survey survey(boolean contents) throws PosixException {
    return TreeWalker.survey(directory, "tree", contents, UNHURRIED);
  }

  @Test
  void measuresAsAWalkDoes() throws PosixException {
    TreeWalker.Survey survey = survey(true);

    assertThat(survey.totals()).isEqualTo(TreeWalker.measure(directory, "tree", () -> {}));
    assertThat(survey.entries()).isEqualTo(survey.totals().inodes() + 3);
  }

  @Test
  void isTheSameForACopyElsewhere() throws Exception {
    TreeWalker.Survey before = survey(true);
    sh("mkdir other && cp -a tree other/renamed");

    TreeWalker.Survey copy = TreeWalker.survey(directory, "other/renamed", true, UNHURRIED);

    assertThat(copy.metadata()).isEqualTo(before.metadata());
    assertThat(copy.contents()).isEqualTo(before.contents());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "truncate -s 5 tree/etc/file1",
        "chmod 600 tree/etc/file1",
        "chmod 700 tree/usr/lib/empty",
        "chmod 750 tree",
        "chmod u-s tree/usr/bin/linked",
        "chown 12:13 tree/etc/file1",
        "chown -h 12 tree/usr/link",
        "touch -d '2026-01-02 03:04:05.679' tree/etc/file1",
        "touch -d '2026-01-02 03:04:06' tree/usr/lib/empty",
        "setfattr -x user.kind tree/etc/file2",
        "setfattr -n user.kind -v other tree/etc/file2",
        "setfattr -x user.overlay.opaque tree/usr/lib",
        "setfattr -n security.capability -v 0x0100000200040000000000000000000000000000"
            + " tree/etc/file1",
        "ln -sfn ../etc/file2 tree/usr/link; touch -h -d '2026-01-02 03:04:05.678' tree/usr/link",
        "rm tree/usr/pipe",
        "rm tree/usr/pipe; mknod tree/usr/pipe c 0 0",
        "rm tree/etc/file1",
        "touch tree/usr/new",
        "mv tree/etc/file1 tree/etc/file9",
        "cd tree/etc; mv file1 t; mv file2 file1; mv t file2",
        "cd tree; mv etc t; mv usr etc; mv t usr",
        // One name becomes a file of its own, with all else as before.
        "cp -a tree/usr/lib/large copy; mv copy tree/usr/bin/linked",
        // The same names are two files, paired otherwise.
        "cd tree; cp -a usr/lib/large c; ln -f c usr/bin/again; rm c; ln -f usr/lib/large etc/file9"
      })
  void findsWhatAHandOrACrashDoes(String damage) throws Exception {
    long before = survey(false).metadata();

    sh(damage + "\ncd " + root + "\ntouch -d '2026-01-02 03:04:05.678' tree/etc tree/usr/bin");

    assertThat(survey(false).metadata()).isNotEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cat tree/etc/file1; ls tree",
        "find tree -exec touch -h -a -d '2020-01-01' {} +",
        "ln tree/etc/file1 outside",
        "mkdir under && cp -a tree under/tree && rm -r tree && mv under/tree tree",
        "setfattr -n trusted.overlay.origin -v x tree/etc/file1",
        "setfattr -n security.ima -v x tree/etc/file1"
      })
  void isNotAlarmedByWhatIsNoneOfTheLayers(String change) throws Exception {
    TreeWalker.Survey before = survey(true);

    sh(change);

    assertThat(survey(true).metadata()).isEqualTo(before.metadata());
    assertThat(survey(true).contents()).isEqualTo(before.contents());
  }

  @Test
  void findsAFlippedByteWithContentsAlone() throws Exception {
    TreeWalker.Survey before = survey(true);

    sh(
        "printf X | dd of=tree/usr/lib/large bs=1 seek=299999 conv=notrunc status=none\n"
            + "touch -d '2026-01-02 03:04:05.678' tree/usr/lib/large");

    assertThat(survey(true).metadata()).isEqualTo(before.metadata());
    assertThat(survey(true).contents()).isNotEqualTo(before.contents());
    assertThat(survey(false).contents()).isEqualTo(OptionalLong.empty());
  }

  @Test
  void findsContentsThatChangedPlaces() throws Exception {
    TreeWalker.Survey before = survey(true);

    sh("echo 'text 1' > tree/etc/file2; echo 'text 2' > tree/etc/file1");

    assertThat(survey(true).contents()).isNotEqualTo(before.contents());
  }

  @Test
  void isTheSameWhoeverHelps() throws Exception {
    TestTrees.wide(root.resolve("tree/wide"), 40, 200);
    TestTrees.deep(root, "tree/deep", 60, 2);
    TreeWalker.Survey before = survey(true);

    for (int i = 0; i < 10; i++) {
      assertThat(survey(true)).isEqualTo(before);
    }
  }

  @Test
  void readsAttributesOfAnySizeAndNumber() throws Exception {
    sh(
        "for i in $(seq 60); do setfattr -n user.attribute-$i -v value-$i tree/etc/file1; done"
            + " || true");
    long before = survey(false).metadata();

    sh("setfattr -n user.attribute-1 -v Value-1 tree/etc/file1");

    assertThat(survey(false).metadata()).isNotEqualTo(before);
  }

  @Test
  void hearsOfEveryEntryAndMayBeEnded() throws Exception {
    TestTrees.wide(root.resolve("tree/wide"), 10, 500);
    long[] heard = {0};
    TreeWalker.Survey survey =
        TreeWalker.survey(directory, "tree", false, (entries, calling) -> heard[0] += entries);

    assertThat(heard[0]).isEqualTo(survey.entries());
    assertThatThrownBy(
            () ->
                TreeWalker.survey(
                    directory,
                    "tree",
                    false,
                    (entries, calling) -> {
                      throw new CancellationException();
                    }))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void namesWhatWasChangedSince() throws Exception {
    Instant before = Files.getLastModifiedTime(Files.createFile(root.resolve("now"))).toInstant();
    sh("sleep 0.02; chmod 600 tree/etc/file1; setfattr -x user.kind tree/etc/file2");

    assertThat(TreeWalker.changedSince(directory, "tree", before, 10, () -> {}))
        .containsExactlyInAnyOrder("tree/etc/file1", "tree/etc/file2");
    assertThat(TreeWalker.changedSince(directory, "tree", before, 1, () -> {})).hasSize(1);
  }

  @Test
  void aMissingTreeIsMissing() {
    assertThatThrownBy(() -> TreeWalker.survey(directory, "nothing", false, UNHURRIED))
        .isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
  }
}
