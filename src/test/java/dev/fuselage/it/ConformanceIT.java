package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.it.Place.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** containerd's own snapshotter suite. Each of its tests has a service and a root of its own. */
class ConformanceIT {
  static final String SUITE = "TestSnapshotterSuite";
  static final int TESTS = 21;
  private static final int TIMES = 2;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void asRootWithFuseOverlayfsTheSuitePasses() {
    Parts.needRoot();
    Parts.needFuse();

    assertSuitePasses(
        "fuse-overlayfs", Parts.goTest("conformance"), Parts.distribution(), List.of());
  }

  @Test
  void asRootWithOverlayfsTheSuitePasses() {
    Parts.needRoot();

    assertSuitePasses("overlayfs", Parts.goTest("conformance"), Parts.distribution(), List.of());
  }

  @Test
  void asAnOrdinaryUserInAUserNamespaceTheSuitePasses() {
    Rootless user = Rootless.user(workspace);
    // What was built may lie where that user cannot look.
    Path suite = user.copy(Parts.goTest("conformance"), "suite");
    Path distribution = user.copy(Parts.distribution(), "fuselage");
    user.takeWorkspace();

    assertSuitePasses("fuse-overlayfs", suite, distribution, user.enter("--pidns"));
  }

  private void assertSuitePasses(String driver, Path suite, Path distribution, List<String> enter) {
    List<String> line = new ArrayList<>(enter);
    line.addAll(List.of(suite.toString(), "-test.v", "-test.parallel=4", "-test.count=" + TIMES));
    ProcessBuilder builder = workspace.command(line);
    builder.environment().put("FUSELAGE_COMMAND", Parts.launcherOf(distribution).toString());
    builder.environment().put("DRIVER", driver);
    // Here a test that the suite skips has not passed.
    builder.environment().put("CI", "true");

    Result result = Place.run(builder);

    GoTestReport report = GoTestReport.of(result.out(), SUITE);
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).as(result.toString()).hasSize(TESTS);
    assertThat(report.outcomes().values()).allMatch(outcomes -> outcomes.size() == TIMES);
    assertThat(result.exitCode()).as(result.toString()).isZero();
    System.out.printf(
        "containerd's suite with %s%s: %d of %d passed, each %d times%n",
        driver,
        enter.isEmpty() ? "" : " in a user namespace",
        report.outcomes().size(),
        TESTS,
        TIMES);
  }
}
