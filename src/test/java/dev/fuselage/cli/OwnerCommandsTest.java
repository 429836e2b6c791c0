package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnerCommandsTest {
  private static final SnapshotRow LOST =
      new SnapshotRow(
          "k8s.io/7/lost\u001b[1m",
          Kind.ACTIVE,
          Owner.of(OwnerKind.UNCLAIMED),
          new Usage(3L << 30, 20),
          FakeSnapshotter.UPDATED);

  private boolean live = true;
  private int children;
  private Optional<String> command = Optional.of("ctr snapshots rm 'lost'");
  private Report.Gaps gaps = Report.Gaps.NONE;
  private final Shell shell =
      Shell.script(
          new Administration() {
            @Override
            public Owners owners() {
              return call -> report();
            }
          });

  private Report report() {
    return new Report(
        FakeSnapshotter.UPDATED.plus(Duration.ofHours(12)),
        live,
        List.of(
            new Holding(LOST.owner(), 1, LOST.usage(), Usage.NONE),
            new Holding(
                new Owner(OwnerKind.POD, "shop", "web-0"), 2, new Usage(2048, 2), Usage.NONE),
            new Holding(
                new Owner(OwnerKind.IMAGE, "k8s.io", "web:1"),
                3,
                new Usage(1024, 3),
                new Usage(512, 1))),
        Map.of(Kind.ACTIVE, new Report.Sum(3, new Usage(3L << 30, 22))),
        List.of(LOST),
        new Report.Sum(5, new Usage(3072, 5)),
        List.of(
            new Unclaimed(
                LOST,
                FakeSnapshotter.UPDATED.plus(Duration.ofHours(2)),
                children,
                command.map(_ -> true),
                command)),
        List.of(),
        0,
        Map.of(),
        new Report.FileSystem(10L << 30, 5L << 30, 0, 0),
        Duration.ZERO,
        Duration.ZERO,
        gaps);
  }

  @Test
  void usageByPodNamesPods() {
    assertThat(shell.run("usage", "--by", "pod").out())
        .isEqualTo(
            """
            KIND\tNAMESPACE\tNAME\tSNAPSHOTS\tSIZE\tINODES
            pod\tshop\tweb-0\t2\t2.0KiB\t2
            """);
  }

  @Test
  void usageByImageTellsWhatIsShared() {
    assertThat(shell.run("usage", "--by", "image", "--bytes").out())
        .isEqualTo(
            """
            KIND\tNAMESPACE\tNAME\tSNAPSHOTS\tSIZE\tINODES\tSHARED
            image\tk8s.io\tweb:1\t3\t1024\t3\t512
            """);
  }

  @Test
  void usageByOwnerSumsByKindForPrograms() {
    assertThat(shell.run("usage", "--by", "owner", "-o", "json").out())
        .contains("\"kind\": \"unclaimed\"", "\"bytes\": 3221225472", "\"kind\": \"pod\"");
  }

  @Test
  void usageBySnapshotShowsNoControlCharacterAndSumsTheRest() {
    assertThat(shell.run("usage", "--by", "snapshot").out())
        .contains("(5 others)\t3.0KiB")
        .doesNotContain("\u001b");
  }

  @Test
  void usageNeedsAKeyOrWhatToShowItBy() {
    assertThat(shell.run("usage").exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(shell.run("usage", "--by", "pod", "key").exitCode())
        .isEqualTo(ExitCode.USAGE.code());
  }

  @Test
  void unclaimedTellsHowToFreeEach() {
    assertThat(shell.run("unclaimed").out())
        .startsWith("SIZE\tAGE\tFOR\tKEY\tCOMMAND\n3.0GiB\t12h\t10h\tk8s.io/7/lost")
        .endsWith("\tctr snapshots rm 'lost'\n")
        .doesNotContain("\u001b");
    assertThat(shell.run("unclaimed", "--json").out())
        .contains("\"known\": true", "\"command\": \"ctr snapshots rm 'lost'\"");
  }

  @Test
  void aCommandIsShownAsAShellIsToReadIt() {
    command = Optional.of("ctr snapshots rm $'a\\134b\u001b'");

    assertThat(shell.run("unclaimed").out()).endsWith("\tctr snapshots rm $'a\\134b\\u001b'\n");
  }

  @Test
  void unclaimedTellsWhyThereIsNoCommand() {
    command = Optional.empty();
    assertThat(shell.run("unclaimed").out())
        .endsWith("\tunknown: containerd did not say whether it knows it\n");

    children = 1;
    assertThat(shell.run("unclaimed").out()).endsWith("\tafter what stands on it\n");
  }

  @Test
  void unclaimedSaysThatItDoesNotKnowWithoutContainerd() {
    live = false;

    Shell.Result result = shell.run("unclaimed");

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
    assertThat(result.err()).contains("fuselage.containerd.socket");
  }

  @Test
  void topIsPrintedOnceForAProgram() {
    assertThat(shell.run("top").out())
        .startsWith("5.0GiB of 10.0GiB free, 3.0GiB held here, measured 0s ago\n\nKIND\t")
        .contains("unclaimed", "web-0", "web:1");
  }

  @Test
  void topSaysWhatItsFiguresAreWithout() {
    gaps = new Report.Gaps(2, 3);

    assertThat(shell.run("top").out())
        .contains(
            "snapshots that are not measured yet, and count as nothing: 2\n"
                + "trees that can't be read, and count as what was last seen,",
            "log says: 3\n\nKIND");
  }
}
