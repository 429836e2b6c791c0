package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Usage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

class InspectCommandTest {
  private final FakeSnapshotter snapshotter =
      new FakeSnapshotter()
          .add(Kind.COMMITTED, "base \"1\"\\", "", new Usage(1024, 2), Map.of("a", "b"))
          .add(Kind.ACTIVE, "active", "base \"1\"\\", new Usage(4096, 1))
          .mount("active", new Mount("bind", "/root/snapshots/2/fs", List.of("rw", "rbind")))
          .add(Kind.VIEW, "view", "base \"1\"\\", Usage.NONE);

  @Test
  void showsAnActiveSnapshotWithItsMounts() {
    assertThat(Shell.script(snapshotter).run("inspect", "active").out())
        .isEqualTo(
            """
            key: active
            kind: active
            parent: base "1"\\
            created: '2026-03-01T12:00:00.123456789Z'
            updated: '2026-03-02T00:00:00Z'
            labels: {}
            usage:
              bytes: 4096
              inodes: 1
            mounts:
              - type: bind
                source: /root/snapshots/2/fs
                options:
                  - rw
                  - rbind
            children: []
            """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yaml", "json"})
  void showsACommittedSnapshotWithItsChildren(String format) {
    Result result = Shell.script(snapshotter).run("inspect", "-o", format, "base \"1\"\\");

    Map<String, Object> document = new Yaml().load(result.out());
    assertThat(document)
        .containsEntry("kind", "committed")
        .containsEntry("labels", Map.of("a", "b"))
        .containsEntry("usage", Map.of("bytes", 1024, "inodes", 2))
        .containsEntry("mounts", List.of())
        .containsEntry("children", List.of("active", "view"));
  }

  @Test
  void asksForTheChildrenOnly() {
    Shell.script(snapshotter).run("inspect", "base \"1\"\\");

    assertThat(snapshotter.filters()).containsExactly(List.of("parent==\"base \\\"1\\\"\\\\\""));
  }

  @Test
  void warnsOfASnapshotThatCanNotBeMounted() {
    Result result = Shell.script(snapshotter).run("inspect", "view");

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("mounts: []");
    assertThat(result.err()).contains("can't be mounted", "quarantined");
  }

  @Test
  void saysThatASnapshotDoesNotExist() {
    Result result = Shell.script(snapshotter).run("inspect", "nothing\u001b");

    assertThat(result)
        .isEqualTo(
            new Result(
                ExitCode.NOT_FOUND.code(),
                "",
                "fuselage: Snapshot \"nothing\\u001b\" does not exist. `fuselage ls` shows those"
                    + " that do.\n"));
  }

  @Test
  void takesAKeyThatLooksLikeAnOptionOrAFileOfArguments() {
    snapshotter.add(Kind.COMMITTED, "--help", "", Usage.NONE);
    snapshotter.add(Kind.COMMITTED, "@key", "", Usage.NONE);

    assertThat(Shell.script(snapshotter).run("inspect", "--", "--help").out())
        .startsWith("key: --help\n");
    assertThat(Shell.script(snapshotter).run("inspect", "@key").out()).startsWith("key: '@key'\n");
  }
}
