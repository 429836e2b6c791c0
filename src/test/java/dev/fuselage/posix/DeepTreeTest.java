package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeepTreeTest {
  /** Two threads, each with the directories down to the shared depth and a few more. */
  private static final int FEW = 100;

  @TempDir Path root;
  private final AtomicLong mostDescriptors = new AtomicLong();
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
  void aChainFarLongerThanAPathCostsFewDescriptors() throws IOException {
    TestTrees.deep(root, "chain", 5_000, 1);
    long before = TestTrees.openDescriptors();

    TreeWalker.Totals totals = TreeWalker.measure(directory, "chain", this::watch);
    TreeRemover.Outcome outcome = TreeRemover.remove(directory, "chain", entries -> watch());

    assertThat(totals.inodes()).isEqualTo(10_001);
    assertThat(outcome.entries()).isEqualTo(10_001);
    assertThat(outcome.failed()).isZero();
    assertThat(directory.names()).isEmpty();
    assertThat(mostDescriptors.get()).isLessThan(before + FEW);
    assertThat(TestTrees.openDescriptors()).isLessThanOrEqualTo(before);
  }

  @Test
  void branchesFarDownAreFoundOnTheWayBack() throws IOException, InterruptedException {
    TestTrees.deep(root, "comb", 150, 4);
    long before = TestTrees.openDescriptors();

    TreeWalker.Totals totals = TreeWalker.measure(directory, "comb", this::watch);
    assertThat(totals).isEqualTo(TestTrees.du(root.resolve("comb")));
    TreeRemover.Outcome outcome = TreeRemover.remove(directory, "comb", entries -> watch());

    assertThat(outcome.entries()).isEqualTo(totals.inodes()).isEqualTo(1 + 150 * 8);
    assertThat(outcome.failed()).isZero();
    assertThat(directory.names()).isEmpty();
    assertThat(mostDescriptors.get()).isLessThan(before + FEW);
    assertThat(TestTrees.openDescriptors()).isLessThanOrEqualTo(before);
  }

  @Test
  void changesFarDownAreNamedByTheEndOfTheirPath() throws Exception {
    int levels = 3_000;
    TestTrees.deep(root, "chain", levels, 1);
    TestTrees.mustRun("sleep", "0.02");
    Instant before = Instant.now();
    TestTrees.mustRun("sleep", "0.02");
    changeAtDepth(levels, "leaf");

    List<String> paths = TreeWalker.changedSince(directory, "chain", before, 10, this::watch);

    assertThat(paths)
        .singleElement()
        .asString()
        .matches("\\.\\.\\.(/d0)+/leaf")
        .satisfies(path -> assertThat(path.length()).isBetween(4_000, 4_100));
    assertThat(mostDescriptors.get()).isLessThan(TestTrees.openDescriptors() + FEW);
    // Deeper than the test's own end can reach.
    TreeRemover.Outcome unused = TreeRemover.remove(directory, "chain", entries -> {});
  }

  /** Another mode for what lies in the directory so far down, and nothing else anew. */
  private void changeAtDepth(int levels, String name) throws IOException {
    Directory level = directory.openDirectory("chain");
    for (int i = 0; i < levels; i++) {
      try (Directory above = level) {
        level = above.openDirectory("d0");
      }
    }
    try (Directory last = level) {
      last.changeOwner(name, Posix.effectiveUid(), last.status(name).gid());
    }
  }

  private void watch() {
    mostDescriptors.accumulateAndGet(TestTrees.openDescriptors(), Math::max);
  }
}
