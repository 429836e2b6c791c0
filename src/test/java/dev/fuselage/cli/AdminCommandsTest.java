package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Verification;
import dev.fuselage.cli.Shell.Result;
import dev.fuselage.overlay.Driver;
import dev.fuselage.overlay.Root;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminCommandsTest {
  private final FakeAdministration administration = new FakeAdministration();
  private final Shell shell = Shell.script(administration);

  @Test
  void cleanupOnlyWakesTheReaper() {
    Result result = shell.run("cleanup");

    assertThat(result.out()).isEqualTo("2 trees are in the trash, 1 of them in back-off.\n");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void cleanupNowTellsWhatWasDeleted() {
    administration.withNothingWrong();
    Result result = shell.run("cleanup", "--now");

    assertThat(result.out()).isEqualTo("2 trees deleted, 0 left; 31 entries deleted.\n");
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void cleanupNowFailsWhereSomethingIsStuck() {
    Result result = shell.run("cleanup", "--now", "--json");

    assertThat(result.out()).contains("\"treesDeleted\": 1", "\"treesPostponed\": 1");
    assertThat(result.err()).contains("fuselage trash ls");
    assertThat(result.exitCode()).isEqualTo(ExitCode.FAILED.code());
  }

  @Test
  void aPersonSeesHowFarItIsAndNothingOfThatStays() {
    Result result = shell.onScreen(80).run("cleanup", "--now");

    assertThat(result.err()).contains("\r10 entries deleted, 2 trees left", "\r ");
  }

  @Test
  void theTrashIsListedWithReasons() {
    assertThat(shell.run("trash", "ls").out())
        .isEqualTo(
            "ID\tAGE\tSIZE\tENTRIES\tRETRY\tREASON\n"
                + "7\t12h\t1.5MiB\t30\t-\t-\n"
                + "8\t60m\t-\t-\t60m\tunlinkat 8/fs/f: busy\n");
    assertThat(shell.run("trash", "ls", "-o", "json").out())
        .contains("\"attempts\": 3", "\"inodes\": 30");
  }

  @Test
  void theQuarantineIsListedWithWhatStandsOnIt() {
    assertThat(shell.run("quarantine", "ls").out())
        .isEqualTo(
            "committed sha256:b\\u001b[1m (id 5)\n"
                + "  reason: its directory is missing\n"
                + "  above: sha256:c\n"
                + "  above: web\n"
                + "directory snapshots/6 (id 6)\n"
                + "  reason: nothing says what it is\n");
    assertThat(shell.run("quarantine", "ls", "--json").out()).contains("\"web\"");
  }

  @Test
  void aSnapshotIsReleasedByItsKey() {
    assertThat(shell.run("quarantine", "release", "sha256:b").exitCode()).isZero();
    assertThat(administration.released()).containsExactly("sha256:b");
    assertThat(shell.run("quarantine", "release", "other").exitCode())
        .isEqualTo(ExitCode.NOT_FOUND.code());
  }

  @Test
  void aHealthyRootIsVerifiedQuietly() {
    administration.withNothingWrong();
    Result result = shell.run("verify", "--contents", "--resume");

    assertThat(result.out())
        .isEqualTo("3 snapshots and 90 entries looked at: 0 damages, 0 notes.\n");
    assertThat(result.exitCode()).isZero();
    assertThat(administration.asked()).containsExactly(new Verification.Request(true, false, true));
  }

  @Test
  void damageIsNamedAndHasACodeOfItsOwn() {
    Result result = shell.run("verify");

    assertThat(result.out())
        .startsWith(
            "DAMAGE tree sha256:b (id 5) etc/\\xe9\\\\\\u001b[1m: its tree is not what was committed\n"
                + "DAMAGE store: damaged block\n"
                + "DAMAGE record-file sha256:c (id 6): its record file is missing\n");
    assertThat(result.exitCode()).isEqualTo(ExitCode.DAMAGED.code());
    assertThat(shell.run("verify", "--json").out())
        .contains(
            "\"damage\": true",
            "\"kind\": \"store\"",
            "\"kind\": \"record-file\"",
            "\"damages\": 3");
  }

  @Test
  void backupsAreListedMadeCheckedAndPruned() {
    assertThat(shell.run("backup", "ls").out()).contains("3\t", "\t4.0KiB\tcommand");
    assertThat(shell.run("backup", "ls", "--json").out()).contains("\"reason\": \"command\"");
    assertThat(shell.run("backup", "create", "--json").out()).contains("\"id\": 3");
    assertThat(shell.run("backup", "verify", "3").out()).contains("17 snapshots");
    assertThat(shell.run("backup", "verify", "4").exitCode()).isEqualTo(ExitCode.NOT_FOUND.code());
    assertThat(shell.run("backup", "prune").out()).isEqualTo("deleted: 1, 2\n");
    assertThat(shell.run("compact").exitCode()).isZero();
  }

  @Test
  void aPersonSeesHowFarWorkOnTheStoreIs() {
    Shell screen = shell.onScreen(80);

    assertThat(screen.run("backup", "create").err()).contains("\rcopying the store");
    assertThat(screen.run("backup", "verify", "3").err()).contains("\r5 snapshots read", "\r ");
    assertThat(screen.run("compact").err()).contains("\rwriting the tables anew");
    assertThat(shell.run("backup", "verify", "3").err()).isEmpty();
  }

  /** As if a service had the root. */
  @Test
  void aPersonSeesHowFarARebuildByTheServiceIs(@TempDir Path directory) throws Exception {
    Shell screen = shell.onScreen(80);
    try (Root root = Root.open(directory)) {
      root.settle(Driver.FUSE_OVERLAYFS);
      for (String command : List.of("rebuild", "restore")) {
        assertThat(screen.run(command, "--root", directory.toString()).err())
            .contains("\r20 of 500 records read beside the layers", "is not damaged");
      }
      assertThat(screen.run("restore", "--root", directory.toString()).err())
          .contains("\rcopying the backup");
    }
    assertThat(screen.run("rebuild", "--root", directory.toString()).err())
        .contains("\r0 records read beside the layers", "\rwriting the store");
  }

  @Test
  void whatAServiceDoesNotOfferIsSaid() {
    Result result = Shell.script(Administration.NONE).run("trash", "ls");

    assertThat(result.err()).contains("This service does not offer it");
    assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
  }
}
