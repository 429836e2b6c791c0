package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeWalkerTest {
  private static final TreeWalker.Stop NEVER = () -> {};

  @TempDir Path root;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(root);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void countsTheRootItself() throws IOException, InterruptedException {
    directory.makeDirectory("tree", 0755);

    assertThat(measure("tree").inodes()).isEqualTo(1);
    agreesWithDu("tree");
  }

  @Test
  void countsASingleFile() throws IOException {
    Files.write(root.resolve("file"), new byte[5000]);

    assertThat(measure("file"))
        .isEqualTo(new TreeWalker.Totals(directory.status("file").blocks512() * 512, 1));
  }

  @Test
  void countsAllocatedSpaceOfEachInodeOnce() throws IOException, InterruptedException {
    Path tree = TestTrees.wide(root.resolve("tree"), 3, 5);
    Files.write(tree.resolve("large"), new byte[300_000]);
    Files.createLink(tree.resolve("directory-0/second"), tree.resolve("large"));
    Files.createLink(tree.resolve("directory-1/third"), tree.resolve("large"));
    Files.createLink(root.resolve("outside"), tree.resolve("directory-1/file-0"));
    TestTrees.mustRun("truncate", "-s", "1G", tree.resolve("sparse").toString());
    TestTrees.mustRun("mkfifo", tree.resolve("pipe").toString());

    agreesWithDu("tree");
    assertThat(measure("tree").bytes()).isBetween(300_000L, 1_000_000L);
  }

  @Test
  void countsLinksWithoutFollowingThem() throws IOException, InterruptedException {
    TestTrees.wide(root.resolve("elsewhere"), 10, 10);
    directory.makeDirectory("tree", 0755);
    Files.createSymbolicLink(root.resolve("tree/link"), root.resolve("elsewhere"));
    Files.createSymbolicLink(root.resolve("tree/long"), Path.of("x".repeat(2000)));
    Files.createSymbolicLink(root.resolve("root-link"), root.resolve("elsewhere"));

    assertThat(measure("tree").inodes()).isEqualTo(3);
    assertThat(measure("root-link").inodes()).isEqualTo(1);
    agreesWithDu("tree");
  }

  @Test
  void takesNamesOfAnyBytes() throws IOException, InterruptedException {
    directory.makeDirectory("tree", 0755);
    TestTrees.mustRun(
        "sh",
        "-c",
        "cd '"
            + root
            + "/tree' && mkdir \"$(printf 'd\\377\\200')\" && touch \"$(printf"
            + " 'd\\377\\200')/f\\351\" '...' '.hidden' 'new\n"
            + "line' && touch \"$(printf '%0255d' 7)\"");

    agreesWithDu("tree");
    assertThat(measure("tree").inodes()).isEqualTo(7);
  }

  @Test
  void aWideDirectoryAndManyDirectoriesAgreeWithDu() throws IOException, InterruptedException {
    Path tree = TestTrees.wide(root.resolve("tree"), 200, 20);
    Path flat = Files.createDirectory(tree.resolve("flat"));
    Files.createFile(flat.resolve("first"));
    for (int i = 0; i < 50_000; i++) {
      Files.createFile(flat.resolve("file-" + i));
    }
    for (int i = 0; i < 5_000; i++) {
      Files.createLink(tree.resolve("directory-" + i % 200 + "/link-" + i), flat.resolve("first"));
    }

    TreeWalker.Totals expected = TestTrees.du(tree);
    for (int i = 0; i < 5; i++) {
      assertThat(measure("tree")).isEqualTo(expected);
    }
  }

  @Test
  void whatVanishesMeanwhileIsLeftOut() throws Exception {
    TestTrees.wide(root.resolve("tree"), 4, 4);
    AtomicBoolean finished = new AtomicBoolean();
    Path coming = root.resolve("tree/coming");
    Thread changing =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!finished.get()) {
                    createAndDelete(coming);
                  }
                });
    try {
      for (int i = 0; i < 3_000; i++) {
        assertThat(measure("tree").inodes()).isBetween(21L, 24L);
      }
    } finally {
      finished.set(true);
      changing.join();
    }
  }

  @Test
  void directoriesMovedMeanwhileLeadNobodyAstray() throws Exception {
    TestTrees.deep(root, "tree", 60, 2);
    directory.makeDirectory("tree/aside", 0755);
    StringBuilder path = new StringBuilder("tree");
    for (int i = 0; i < 45; i++) {
      path.append("/d").append(i % 2);
    }
    Path moving = root.resolve(path.toString());
    Path aside = root.resolve("tree/aside/moved");
    AtomicBoolean finished = new AtomicBoolean();
    Thread changing =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!finished.get()) {
                    moveThereAndBack(moving, aside);
                  }
                });
    long before = TestTrees.openDescriptors();
    try {
      for (int i = 0; i < 1_000; i++) {
        // Once moved it may be met at both places or at none.
        assertThat(measure("tree").inodes()).isBetween(100L, 400L);
      }
    } finally {
      finished.set(true);
      changing.join();
    }
    assertThat(TestTrees.openDescriptors()).isLessThanOrEqualTo(before);
    assertThat(measure("tree").inodes()).isEqualTo(2 + 60 * 4);
  }

  @Test
  void stopEndsTheWalkOnTheCallingThread() throws IOException {
    TestTrees.wide(root.resolve("tree"), 100, 50);
    long before = TestTrees.openDescriptors();
    Set<Thread> threads = new HashSet<>();
    AtomicLong calls = new AtomicLong();

    for (int last = 1; last < 8; last++) {
      calls.set(last);
      assertThatThrownBy(
              () ->
                  TreeWalker.measure(
                      directory,
                      "tree",
                      () -> {
                        threads.add(Thread.currentThread());
                        if (calls.decrementAndGet() == 0) {
                          throw new IllegalStateException("enough");
                        }
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("enough");
    }

    assertThat(threads).containsExactly(Thread.currentThread());
    assertThat(TestTrees.openDescriptors()).isLessThanOrEqualTo(before);
  }

  @Test
  void nobodyIsAskedInATreeOfAFewEntries() throws IOException {
    TestTrees.wide(root.resolve("small"), 10, 10);
    TestTrees.wide(root.resolve("large"), 1, 2_000);
    AtomicLong calls = new AtomicLong();

    TreeWalker.measure(directory, "small", calls::incrementAndGet);
    assertThat(calls).hasValue(0);

    TreeWalker.measure(directory, "large", calls::incrementAndGet);
    assertThat(calls).hasPositiveValue();
  }

  @Test
  void aTreeThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> measure("absent"))
        .hasMessage("statx absent: No such file or directory (ENOENT)");
    assertThatThrownBy(() -> measure("absent/fs"))
        .hasMessage("statx absent/fs: No such file or directory (ENOENT)");
  }

  private TreeWalker.Totals measure(String name) throws PosixException {
    return TreeWalker.measure(directory, name, NEVER);
  }

  private void agreesWithDu(String name) throws IOException, InterruptedException {
    assertThat(measure(name)).isEqualTo(TestTrees.du(root.resolve(name)));
  }

  private static void createAndDelete(Path path) {
    try {
      Files.createDirectory(path);
      Files.createFile(path.resolve("file"));
      Files.delete(path.resolve("file"));
      Files.delete(path);
      Files.createFile(path);
      Files.delete(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void moveThereAndBack(Path from, Path to) {
    try {
      Files.move(from, to);
      Files.move(to, from);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
