package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.overlay.DriverProbe.CannotTry;
import dev.fuselage.overlay.DriverProbe.DoesNotWork;
import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.overlay.DriverProbe.Probe;
import dev.fuselage.overlay.DriverProbe.Works;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a trial's answers are read; what it does for real is in {@link PreflightIT}. */
class OverlayTrialTest {
  @TempDir private Path slash;
  @TempDir private Path root;
  private MadeUpMachine machine;

  @BeforeEach
  void makeUp() throws IOException {
    machine = new MadeUpMachine(slash);
  }

  @AfterEach
  void nothingIsLeftInTheRoot() {
    assertThat(root).isEmptyDirectory();
  }

  private Probe run(Duration limit) {
    return new OverlayTrial(machine.machine(), limit).run(root);
  }

  private Probe run() {
    return run(OverlayTrial.LIMIT);
  }

  @Test
  void withoutUnshareNothingCanBeTried() {
    assertThat(run())
        .isEqualTo(new CannotTry("no program unshare", new OverlayAbilities(false, false, false)));
  }

  @Test
  void aRefusedNamespaceSaysNothingOfOverlays() throws IOException {
    machine.program(
        "/bin/unshare", "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1");

    assertThat(run())
        .isInstanceOfSatisfying(
            CannotTry.class, it -> assertThat(it.reason()).contains("Operation not permitted"));
  }

  @Test
  void theAnswersOfTheTrialDecide() throws IOException {
    machine.program("/bin/unshare", "echo 'broken: a deleted lower file is still there'");
    assertThat(run()).isEqualTo(new DoesNotWork("a deleted lower file is still there"));

    machine.program("/bin/unshare", "mkdir -p lower work/work; chmod 0 work/work; echo works");
    assertThat(run()).isEqualTo(new Works(new OverlayAbilities(false, false, false)));

    machine.program("/bin/unshare", "echo works id-mapped");
    assertThat(run()).isEqualTo(new Works(new OverlayAbilities(false, false, true)));
  }

  @Test
  void inAUserNamespaceTheTrialAndTheMountsUseUserxattr() throws IOException {
    machine.inUserNamespace().file("/sys/module/overlay/parameters/index", "N\n");
    // The last argument is the script's own.
    machine.program(
        "/bin/unshare", "for last; do :; done; [ \"$last\" = ,userxattr ] && echo works");

    assertThat(run()).isEqualTo(new Works(new OverlayAbilities(true, true, false)));
  }

  @Test
  void aTrialThatHangsIsKilledWithItsChildren() throws IOException {
    Path pid = slash.resolve("pid");
    machine.program("/bin/unshare", "sleep 1000 & echo $! > " + pid + "; wait");

    assertThat(run(Duration.ofSeconds(2)))
        .isInstanceOfSatisfying(
            CannotTry.class, it -> assertThat(it.reason()).contains("did not end"));

    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
        .ifPresent(child -> await().until(() -> !child.isAlive()));
  }

  @Test
  void aRootThatIsNotThereCannotBeTriedIn() {
    assertThat(new OverlayTrial(Machine.real(), OverlayTrial.LIMIT).run(root.resolve("nowhere")))
        .isInstanceOf(CannotTry.class);
  }
}
