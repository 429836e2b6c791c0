package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fuselage.cli.Shell.Result;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

class ListCommandTest {
  private static final String HOSTILE = "evil\u001b[2J\n\u202etxt";

  private final FakeSnapshotter snapshotter =
      new FakeSnapshotter()
          .add(Kind.COMMITTED, "sha256:aaaa", "", new Usage(3 << 20, 120))
          .add(Kind.COMMITTED, "sha256:bbbb", "sha256:aaaa", new Usage(1536, 7))
          .add(
              Kind.ACTIVE,
              "default/1/extract 1",
              "sha256:bbbb",
              new Usage(4096, 1),
              Map.of("b", "2", "a", "1"))
          .add(Kind.VIEW, "view", "sha256:bbbb", Usage.NONE);

  @Test
  void putsOneTabBetweenTheColumnsOfAScript() {
    assertThat(Shell.script(snapshotter).run("ls").out())
        .isEqualTo(
            """
            KIND\tKEY\tPARENT\tAGE
            active\tdefault/1/extract 1\tsha256:bbbb\t23h
            committed\tsha256:aaaa\t-\t23h
            committed\tsha256:bbbb\tsha256:aaaa\t23h
            view\tview\tsha256:bbbb\t23h
            """);
  }

  @Test
  void alignsColumnsOnAScreen() {
    assertThat(Shell.script(snapshotter).onScreen(80).run("ls").out())
        .isEqualTo(
            """
            KIND       KEY                  PARENT       AGE
            active     default/1/extract 1  sha256:bbbb  23h
            committed  sha256:aaaa          -            23h
            committed  sha256:bbbb          sha256:aaaa  23h
            view       view                 sha256:bbbb  23h
            """);
  }

  @Test
  void cutsKeysToTheWidthOfAScreen() {
    assertThat(Shell.script(snapshotter).onScreen(38).run("ls").out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(38))
        .contains("active     default/1…  sha256:bb…  23h");
  }

  @Test
  void wideAddsSizesTimesAndLabelsAndIsNeverCut() {
    assertThat(Shell.script(snapshotter).onScreen(20).run("ls", "-o", "wide").out().lines())
        .element(1)
        .isEqualTo(
            "active     default/1/extract 1  sha256:bbbb  23h  4.0KiB       1"
                + "  2026-03-01T12:00:00.123456789Z  2026-03-02T00:00:00Z  a=1,b=2");
  }

  @Test
  void wideShowsSizesInBytesIfAsked() {
    assertThat(Shell.script(snapshotter).run("ls", "-o", "wide", "--bytes").out())
        .contains("\t3145728\t120\t")
        .contains("\t0\t0\t");
  }

  @Test
  void wideLeavesOutWhatVanishedMeanwhile() {
    snapshotter.addVanishing(Kind.ACTIVE, "gone", "");

    Result result = Shell.script(snapshotter).run("ls", "-o", "wide");

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).doesNotContain("gone").contains("view");
  }

  @Test
  void leavesOutTheHeadingsIfAsked() {
    assertThat(Shell.script(snapshotter).run("ls", "--no-headers").out().lines())
        .hasSize(4)
        .noneMatch(line -> line.contains("KIND"));
  }

  @Test
  void showsHeadingsAloneWhereThereIsNothing() {
    assertThat(Shell.script(new FakeSnapshotter()).run("ls").out())
        .isEqualTo("KIND\tKEY\tPARENT\tAGE\n");
  }

  @Test
  void showsTheKindsAskedFor() {
    assertThat(
            Shell.script(snapshotter)
                .run("ls", "--no-headers", "--kind", "active,view")
                .out()
                .lines())
        .extracting(line -> line.substring(0, line.indexOf('\t')))
        .containsExactly("active", "view");
  }

  @Test
  void passesFiltersOnAsTheyAre() {
    Shell.script(snapshotter)
        .run("ls", "--filter", "kind==active,name~=/a,b/", "--filter", "parent==\"\"");

    assertThat(snapshotter.filters())
        .containsExactly(List.of("kind==active,name~=/a,b/", "parent==\"\""));
  }

  @Test
  void callsAFilterThatDoesNotParseAMistakeOfTheUser() {
    snapshotter.failing(SnapshotException.invalidArgument("filter \"==\" has no field"));

    Result result = Shell.script(snapshotter).run("ls", "--filter", "==");

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(result.err()).isEqualTo("fuselage: Filter \"==\" has no field.\n");
  }

  @Test
  void escapesWhatCouldActUponATerminal() {
    snapshotter.add(Kind.ACTIVE, HOSTILE, "", Usage.NONE, Map.of("l\u0007", "v\u009b"));

    assertThat(Shell.script(snapshotter).onScreen(200).run("ls", "-o", "wide").out())
        .contains("evil\\u001b[2J\\n\\u202etxt  ")
        .contains("l\\u0007=v\\u009b")
        .matches("[ -~\\n]*");
  }

  @Test
  void jsonHoldsEachSnapshotWhole() throws IOException {
    snapshotter.add(Kind.ACTIVE, HOSTILE, "", Usage.NONE);

    String json = Shell.script(snapshotter).run("ls", "-o", "json").out();

    assertThat(json).matches("[ -~\\n]*").endsWith("]\n");
    assertThat(strings(json))
        .contains(HOSTILE, "sha256:aaaa", "committed", "2026-03-01T12:00:00.123456789Z");
    assertThat(json)
        .contains(
            """
              {
                "key": "default/1/extract 1",
                "kind": "active",
                "parent": "sha256:bbbb",
                "created": "2026-03-01T12:00:00.123456789Z",
                "updated": "2026-03-02T00:00:00Z",
                "labels": {
                  "a": "1",
                  "b": "2"
                }
              }"""
                .indent(2)
                .stripTrailing()
                .substring(2));
  }

  @Test
  void yamlHoldsTheSameAsJson() {
    snapshotter.add(Kind.ACTIVE, HOSTILE, "", Usage.NONE, Map.of("on", "yes", "n", "1"));

    String yaml = Shell.script(snapshotter).run("ls", "-o", "yaml").out();

    assertThat(yaml).matches("[ -~\\n]*");
    List<Map<String, Object>> documents = new Yaml().load(yaml);
    assertThat(documents)
        .hasSize(5)
        .contains(
            Map.of(
                "key",
                HOSTILE,
                "kind",
                "active",
                "parent",
                "",
                "created",
                "2026-03-01T12:00:00.123456789Z",
                "updated",
                "2026-03-02T00:00:00Z",
                "labels",
                Map.of("on", "yes", "n", "1")));
  }

  @Test
  void jsonAndYamlOfNothingAreEmptyLists() {
    Shell shell = Shell.script(new FakeSnapshotter());

    assertThat(shell.run("ls", "-o", "json").out()).isEqualTo("[ ]\n");
    assertThat(shell.run("ls", "-o", "yaml").out()).isEqualTo("[]\n");
  }

  private static List<String> strings(String json) throws IOException {
    List<String> strings = new java.util.ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          strings.add(parser.getText());
        }
      }
    }
    return strings;
  }
}
