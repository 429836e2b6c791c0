package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import org.junit.jupiter.api.Test;

class UsageCommandTest {
  private final Shell shell =
      Shell.script(new FakeSnapshotter().add(Kind.ACTIVE, "key", "", new Usage(5L << 30, 1234)));

  @Test
  void showsASizeAPersonCanRead() {
    assertThat(shell.onScreen(80).run("usage", "key").out())
        .isEqualTo("  SIZE  INODES\n5.0GiB    1234\n");
  }

  @Test
  void showsBytesIfAsked() {
    assertThat(shell.run("usage", "--bytes", "key").out())
        .isEqualTo("SIZE\tINODES\n5368709120\t1234\n");
  }

  @Test
  void showsJson() {
    assertThat(shell.run("usage", "-o", "json", "key").out())
        .isEqualTo(
            """
            {
              "bytes": 5368709120,
              "inodes": 1234
            }
            """);
  }

  @Test
  void saysThatASnapshotDoesNotExist() {
    assertThat(shell.run("usage", "other").exitCode()).isEqualTo(ExitCode.NOT_FOUND.code());
  }
}
