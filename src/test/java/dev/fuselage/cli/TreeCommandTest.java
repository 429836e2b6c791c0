package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

class TreeCommandTest {
  private static final Usage KIB = new Usage(1024, 1);

  private final FakeSnapshotter snapshotter =
      new FakeSnapshotter()
          .add(Kind.COMMITTED, "a", "", KIB)
          .add(Kind.COMMITTED, "b", "a", KIB)
          .add(Kind.COMMITTED, "c", "b", KIB)
          .add(Kind.COMMITTED, "d", "b", KIB)
          .add(Kind.VIEW, "e", "c", Usage.NONE)
          .add(Kind.ACTIVE, "f", "c", KIB)
          .add(Kind.ACTIVE, "g", "d", KIB)
          .add(Kind.ACTIVE, "h", "", KIB);

  @Test
  void drawsBoxesOnAScreen() {
    assertThat(Shell.script(snapshotter).onScreen(80).run("tree").out())
        .isEqualTo(
            """
            KIND         SIZE   TOTAL  SNAPSHOT
            committed  1.0KiB  1.0KiB  ├─○ a
            committed  1.0KiB  2.0KiB  │ ○ b
            committed  1.0KiB  3.0KiB  │ ├─○ c
            view           0B  3.0KiB  │ │ ├─◌ e
            active     1.0KiB  4.0KiB  │ │ └─● f
            committed  1.0KiB  3.0KiB  │ └─○ d
            active     1.0KiB  4.0KiB  │   ● g
            active     1.0KiB  1.0KiB  └─● h
            """);
  }

  @Test
  void drawsWithAsciiWhereThatIsAllThereIs() {
    assertThat(Shell.script(snapshotter).onScreen(80).withoutUnicode().run("tree").out())
        .matches("[ -~\\n]*")
        .contains("committed  1.0KiB  3.0KiB  | |-o c\n")
        .contains("view           0B  3.0KiB  | | |-= e\n")
        .contains("active     1.0KiB  1.0KiB  `-* h\n");
  }

  @Test
  void drawsWithAsciiForAScript() {
    assertThat(Shell.script(snapshotter).run("tree", "--bytes").out())
        .startsWith("KIND\tSIZE\tTOTAL\tSNAPSHOT\ncommitted\t1024\t1024\t|-o a\n")
        .contains("active\t1024\t4096\t| | `-* f\n");
  }

  @Test
  void cutsLinesToTheWidthOfAScreen() {
    snapshotter.add(Kind.ACTIVE, "x".repeat(100), "d", KIB);

    assertThat(Shell.script(snapshotter).onScreen(50).run("tree").out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(50))
        .anyMatch(line -> line.endsWith("xxx…"));
  }

  @Test
  void skipsWhatVanishedMeanwhileAndKeepsItsChildren() {
    snapshotter.addVanishing(Kind.COMMITTED, "i", "a").add(Kind.ACTIVE, "j", "i", KIB);

    Result result = Shell.script(snapshotter).run("tree");

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).doesNotContain(" i\n").contains("1.0KiB\t1.0KiB\t`-* j\n");
  }

  @Test
  void endsWhenTheServiceDoes() {
    snapshotter.failing(
        new SnapshotException(SnapshotException.Code.UNAVAILABLE, "the service is stopping"));

    Result result = Shell.script(snapshotter).run("tree");

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
    assertThat(result.out()).isEmpty();
  }

  @Test
  void jsonIsAFlatArrayWithParentsBeforeTheirChildren() {
    String json = Shell.script(snapshotter).run("tree", "-o", "json").out();

    List<Map<String, Object>> rows = new Yaml().load(json);
    assertThat(rows)
        .extracting(row -> row.get("key"))
        .containsExactly("a", "b", "c", "e", "f", "d", "g", "h");
    assertThat(rows.get(4))
        .containsEntry("parent", "c")
        .containsEntry("depth", 3)
        .containsEntry("own", Map.of("bytes", 1024, "inodes", 1))
        .containsEntry("total", Map.of("bytes", 4096, "inodes", 4));
  }

  @Test
  void takesTenThousandLayersUponEachOther() {
    FakeSnapshotter deep = new FakeSnapshotter().add(Kind.COMMITTED, "0", "", KIB);
    for (int i = 1; i < 10_000; i++) {
      deep.add(Kind.COMMITTED, Integer.toString(i), Integer.toString(i - 1), KIB);
    }

    Result result = Shell.script(deep).run("tree", "--bytes");

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).hasLineCount(10_001).endsWith("1024\t10240000\t  o 9999\n");
  }
}
