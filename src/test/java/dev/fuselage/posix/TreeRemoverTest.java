package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRemoverTest {
  private static final TreeRemover.Pace FULL_SPEED = entries -> {};

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
  void removesEveryKindOfEntry() throws IOException, InterruptedException {
    Path tree = TestTrees.wide(root.resolve("17/fs"), 3, 3);
    TestTrees.mustRun("mkfifo", tree.resolve("pipe").toString());
    Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere"));
    Files.createLink(tree.resolve("hard"), tree.resolve("directory-0/file-0"));
    TestTrees.mustRun(
        "sh", "-c", "cd '" + tree + "' && mkdir -p \"$(printf 'd\\377')/$(printf 'e\\200')\"");

    assertThat(remove("17/fs")).isEqualTo(new TreeRemover.Outcome(18, List.of(), 0));
    assertThat(directory.status("17").isDirectory()).isTrue();
    assertThat(tree).doesNotExist();
  }

  @Test
  void removesASingleFileOrLink() throws IOException {
    Files.createFile(root.resolve("file"));
    directory.makeDirectory("kept", 0755);
    Files.createSymbolicLink(root.resolve("link"), Path.of("kept"));

    assertThat(remove("file").entries()).isEqualTo(1);
    assertThat(remove("link").entries()).isEqualTo(1);
    assertThat(directory.names()).containsExactly("kept");
  }

  @Test
  void whatIsGoneAlreadyIsFine() throws PosixException {
    assertThat(remove("absent")).isEqualTo(new TreeRemover.Outcome(0, List.of(), 0));
  }

  @Test
  void neverFollowsALink() throws IOException {
    TestTrees.wide(root.resolve("kept"), 2, 2);
    directory.makeDirectory("tree", 0755);
    Files.createSymbolicLink(root.resolve("tree/link"), root.resolve("kept"));
    Files.createSymbolicLink(root.resolve("tree/parent"), Path.of(".."));

    assertThat(remove("tree").entries()).isEqualTo(3);
    assertThat(TreeWalker.measure(directory, "kept", () -> {}).inodes()).isEqualTo(7);
  }

  @Test
  void aDirectoryReplacedByALinkMeanwhileIsNotFollowed() throws Exception {
    Path kept = TestTrees.wide(root.resolve("kept"), 1, 20);
    AtomicBoolean finished = new AtomicBoolean();
    Thread swapping =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!finished.get()) {
                    swap(root.resolve("tree/inner"), kept);
                  }
                });
    try {
      for (int i = 0; i < 500; i++) {
        TestTrees.wide(root.resolve("tree"), 2, 2);
        while (root.resolve("tree").toFile().exists()) {
          remove("tree");
        }
      }
    } finally {
      finished.set(true);
      swapping.join();
    }

    assertThat(TreeWalker.measure(directory, "kept", () -> {}).inodes()).isEqualTo(22);
  }

  @Test
  void aWideTreeIsRemovedWholeAndPaceHearsOfEveryEntry() throws IOException {
    TestTrees.wide(root.resolve("tree"), 100, 30);
    Path flat = Files.createDirectory(root.resolve("tree/flat"));
    for (int i = 0; i < 5_000; i++) {
      Files.createFile(flat.resolve("file-" + i));
    }
    AtomicLong heard = new AtomicLong();

    TreeRemover.Outcome outcome = TreeRemover.remove(directory, "tree", heard::addAndGet);

    assertThat(outcome).isEqualTo(new TreeRemover.Outcome(2 + 100 * 31 + 5_000, List.of(), 0));
    assertThat(heard.get()).isEqualTo(outcome.entries());
    assertThat(directory.names()).isEmpty();
  }

  @Test
  void aSmallTreeStaysOnTheCallingThreadAndALargeOneIsShared() throws IOException {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    TreeRemover.Pace slow =
        entries -> {
          threads.add(Thread.currentThread());
          Thread.yield();
        };
    TestTrees.wide(root.resolve("small"), 10, 50);
    TreeRemover.remove(directory, "small", slow);
    assertThat(threads).containsExactly(Thread.currentThread());

    assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
    TestTrees.wide(root.resolve("large"), 100, 100);
    TreeRemover.remove(directory, "large", slow);
    assertThat(threads).hasSizeGreaterThan(1);
  }

  @Test
  void paceEndsTheRemovalWhereItIs() throws IOException {
    TestTrees.wide(root.resolve("tree"), 100, 50);
    long before = TestTrees.openDescriptors();
    AtomicLong left = new AtomicLong();

    for (int calls = 1; calls < 10; calls++) {
      left.set(calls);
      assertThatThrownBy(
              () ->
                  TreeRemover.remove(
                      directory,
                      "tree",
                      entries -> {
                        if (left.decrementAndGet() <= 0) {
                          throw new IllegalStateException("enough");
                        }
                      }))
          .hasMessage("enough");
    }

    assertThat(TestTrees.openDescriptors()).isLessThanOrEqualTo(before);
    assertThat(TreeWalker.measure(directory, "tree", () -> {}).inodes()).isBetween(1L, 5_000L);
    assertThat(remove("tree").failed()).isZero();
  }

  @Test
  void aMountPointIsNotEntered() throws IOException, InterruptedException {
    assumeThat(Posix.effectiveUid()).isZero();
    TestTrees.wide(root.resolve("tree"), 2, 2);
    TestTrees.wide(root.resolve("kept"), 1, 1);
    Path tmpfs = Files.createDirectories(root.resolve("tree/a/tmpfs"));
    Path bound = Files.createDirectories(root.resolve("tree/b/bound"));
    assumeThat(TestTrees.run("mount", "-t", "tmpfs", "tmpfs", tmpfs.toString()).exitCode())
        .isZero();
    try {
      // The same device on both sides: only the kernel's word tells that it is a mount point.
      TestTrees.mustRun("mount", "--bind", root.resolve("kept").toString(), bound.toString());
      try {
        Files.createFile(tmpfs.resolve("file"));

        TreeRemover.Outcome outcome = remove("tree");

        assertThat(outcome.failed()).isEqualTo(2);
        assertThat(outcome.failures())
            .containsExactlyInAnyOrder(
                "unlinkat tree/a/tmpfs: Device or resource busy (EBUSY)",
                "unlinkat tree/b/bound: Device or resource busy (EBUSY)");
        assertThat(tmpfs.resolve("file")).exists();
        assertThat(root.resolve("kept/directory-0/file-0")).exists();
        assertThat(root.resolve("tree/directory-0")).doesNotExist();
        assertThat(remove("tree/b/bound").failed()).isEqualTo(1);
      } finally {
        TestTrees.mustRun("umount", bound.toString());
      }
    } finally {
      TestTrees.mustRun("umount", tmpfs.toString());
    }
    assertThat(remove("tree").failed()).isZero();
  }

  @Test
  void anImmutableFileIsReportedAndTheRestGoesOn() throws IOException, InterruptedException {
    Path tree = TestTrees.wide(root.resolve("tree"), 30, 3);
    List<String> immutable = new ArrayList<>();
    try {
      for (int i = 0; i < 12; i++) {
        String file = tree.resolve("directory-" + i + "/file-1").toString();
        assumeThat(TestTrees.run("chattr", "+i", file).exitCode()).isZero();
        immutable.add(file);
      }

      TreeRemover.Outcome outcome = remove("tree");

      assertThat(outcome.failed()).isEqualTo(12);
      assertThat(outcome.failures())
          .hasSize(10)
          .allMatch(line -> line.matches("unlinkat tree/directory-\\d+/file-1: .*\\(EPERM\\)"));
      assertThat(outcome.entries()).isEqualTo(30 * 4 - 24);
    } finally {
      for (String file : immutable) {
        TestTrees.mustRun("chattr", "-i", file);
      }
    }
    assertThat(remove("tree").failed()).isZero();
    assertThat(tree).doesNotExist();
  }

  @Test
  void aDirectoryThatKeepsFillingUpEndsAsAFailureOrGone() throws Exception {
    AtomicBoolean finished = new AtomicBoolean();
    directory.makeDirectory("tree", 0755);
    Thread filling =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long i = 0; !finished.get(); i++) {
                    createIfPossible(root.resolve("tree/file-" + i));
                  }
                });
    try {
      for (int i = 0; i < 20; i++) {
        TreeRemover.Outcome outcome = remove("tree");
        assertThat(outcome.failures()).allMatch(line -> line.contains("unlinkat tree: "));
        Files.createDirectories(root.resolve("tree"));
      }
    } finally {
      finished.set(true);
      filling.join();
    }
    assertThat(remove("tree").failed()).isZero();
  }

  @Test
  void directoriesWhoseModeForbidsItAreOpenedUp() throws IOException, InterruptedException {
    for (int mode : new int[] {0, 0100, 0200, 0300, 0400, 0500, 0600}) {
      Path tree = TestTrees.wide(root.resolve("tree"), 2, 2);
      Path inner = TestTrees.wide(tree.resolve("directory-0/inner"), 1, 1);
      for (Path path : List.of(inner, tree.resolve("directory-0"), tree)) {
        TestTrees.mustRun("chmod", "0" + Integer.toOctalString(mode), path.toString());
      }

      assertThat(removeWithoutPrivilege("tree"))
          .isEqualTo("Outcome[entries=10, failures=[], failed=0]");
      assertThat(directory.names()).isEmpty();
    }
  }

  @Test
  void theParentsModeIsNotOurs() throws IOException, InterruptedException {
    Files.createDirectories(root.resolve("parent/tree/inner"));
    TestTrees.mustRun("chmod", "0500", root.resolve("parent").toString());

    assertThat(removeWithoutPrivilege("parent/tree"))
        .isEqualTo(
            "Outcome[entries=0, failures=[unlinkat tree: Permission denied (EACCES)], failed=1]");
    assertThat(directory.status("parent").permissions()).isEqualTo(0500);
    TestTrees.mustRun("chmod", "0700", root.resolve("parent").toString());
  }

  private TreeRemover.Outcome remove(String name) throws PosixException {
    return TreeRemover.remove(directory, name, FULL_SPEED);
  }

  /** Modes mean nothing to root with all capabilities, so a process without them does it. */
  private String removeWithoutPrivilege(String name) throws IOException, InterruptedException {
    if (Posix.effectiveUid() != 0) {
      return remove(name).toString();
    }
    return TestTrees.mustRun(
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        RemoveInProcess.class.getName(),
        root.toString(),
        name);
  }

  private static void swap(Path path, Path target) {
    try {
      Files.createDirectory(path);
      Files.delete(path);
      Files.createSymbolicLink(path, target);
      Files.delete(path);
    } catch (IOException raced) {
      assertThat(raced).isNotInstanceOf(java.nio.file.AccessDeniedException.class);
    }
  }

  private static void createIfPossible(Path path) {
    try {
      Files.createFile(path);
    } catch (NoSuchFileException gone) {
      Thread.onSpinWait();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
