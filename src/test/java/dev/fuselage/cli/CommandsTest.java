package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Trash;
import dev.fuselage.cli.Shell.Result;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private final Shell.Recorder recorder = new Shell.Recorder();
  private final Shell shell = Shell.script(recorder);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "ls",
        "tree",
        "inspect",
        "usage",
        "version",
        "preflight",
        "rebuild",
        "restore",
        "compact",
        "uninstall",
        "backup create",
        "backup ls",
        "backup verify",
        "backup prune",
        "cleanup",
        "verify",
        "trash ls",
        "quarantine ls",
        "quarantine release"
      })
  void everyCommandHelpsWithExamplesAndExitCodes(String command) {
    Result result = shell.run((command + " --help").split(" "));

    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .startsWith("Usage: fuselage " + command)
        .contains("Example", "fuselage " + command, "Exit codes:", "--socket", "-h, --help");
    assertThat(shell.run((command + " -h").split(" "))).isEqualTo(result);
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(shell.run("--help").out())
        .contains(
            "serve",
            "ls",
            "tree",
            "inspect",
            "usage",
            "version",
            "preflight",
            "rebuild",
            "Examples:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version", "-V"})
  void versionIsThatOfTheBuildAndOfJava(String argument) {
    assertThat(shell.run(argument).out())
        .matches(
            "Fuselage \\d+\\.\\d+\\.\\d+\\S*\nAPI containerd.services.snapshots.v1\nJava 25.*\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "ls --nonsense",
        "ls extra",
        "ls -o nonsense",
        "ls --kind nonsense",
        "inspect",
        "trash",
        "quarantine",
        "quarantine release",
        "ls --timeout 0s",
        "ls --timeout 10",
        "ls --timeout -1s",
        "top --rows -1",
        "top --rows many"
      })
  void aMistakeIsOneLineThatPointsToTheHelp(String line) {
    Result result = shell.run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("fuselage: ").contains("--help").hasLineCount(1);
  }

  @Test
  void theSocketIsThatOfTheNodeIfNothingElseIsSaid() {
    shell.with("FUSELAGE_SOCKET", "").run("ls");

    assertThat(recorder.socket()).isEqualTo(Path.of("/run/fuselage/fuselage.sock"));
    assertThat(recorder.deadline()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void theEnvironmentNamesAnotherSocket() {
    shell.with("FUSELAGE_SOCKET", "/a").run("ls");

    assertThat(recorder.socket()).isEqualTo(Path.of("/a"));
  }

  @Test
  void theCommandLineGoesBeforeTheEnvironment() {
    shell.with("FUSELAGE_SOCKET", "/a").run("--socket", "/b", "ls");
    assertThat(recorder.socket()).isEqualTo(Path.of("/b"));

    shell.with("FUSELAGE_SOCKET", "/a").run("ls", "--socket", "/c");
    assertThat(recorder.socket()).isEqualTo(Path.of("/c"));
  }

  @ParameterizedTest
  @CsvSource({"500ms,500", "3s,3000", "2m,120000", "1h,3600000"})
  void theTimeoutIsATimeWithItsUnit(String timeout, long milliseconds) {
    shell.run("ls", "--timeout", timeout);

    assertThat(recorder.deadline()).isEqualTo(Duration.ofMillis(milliseconds));
  }

  @Test
  void serveReturnsWhatTheServerDoes() {
    assertThat(shell.run(() -> 75, "serve").exitCode()).isEqualTo(75);
  }

  @Test
  void serveTakesTheSocketOfTheCommandLine() {
    try {
      shell.run(() -> 0, "serve", "--socket", "/x");

      assertThat(System.getProperty("fuselage.socket")).isEqualTo("/x");
    } finally {
      System.clearProperty("fuselage.socket");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND,3",
    "ALREADY_EXISTS,1",
    "FAILED_PRECONDITION,1",
    "INVALID_ARGUMENT,2",
    "RESOURCE_EXHAUSTED,1",
    "UNAVAILABLE,69",
    "CANCELLED,1",
    "DEADLINE_EXCEEDED,69"
  })
  void eachRefusalIsOneLineAndItsExitCode(Code code, int exitCode) {
    Result result =
        Shell.script(new FakeSnapshotter().failing(new SnapshotException(code, "the reason")))
            .run("ls");

    assertThat(result.exitCode()).isEqualTo(exitCode);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("fuselage: ").endsWith(".\n").hasLineCount(1);
  }

  @Test
  void aTimeoutSaysHowToGiveMoreTime() {
    FakeSnapshotter late =
        new FakeSnapshotter().failing(new SnapshotException(Code.DEADLINE_EXCEEDED, "late"));

    assertThat(Shell.script(late).run("tree", "--timeout", "2s", "--socket", "/s").err())
        .isEqualTo(
            "fuselage: Fuselage did not answer on /s within 2000 ms; give it more time with"
                + " --timeout.\n");
  }

  @Test
  void aDefectShowsItsStackTrace() {
    Result result =
        Shell.script(
                new Administration() {
                  @Override
                  public Trash trash() {
                    throw new IllegalStateException("unheard of");
                  }
                })
            .run("trash", "ls");

    assertThat(result.exitCode()).isEqualTo(ExitCode.DEFECT.code());
    assertThat(result.err()).contains("report", "unheard of", "at ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ls", "--help"})
  void aReaderThatGoesAwayEndsTheCommandQuietly(String argument) {
    Result result = Shell.script(large()).runInto(new Broken("Broken pipe"), argument);

    assertThat(result).isEqualTo(new Result(ExitCode.PIPE_CLOSED.code(), "", ""));
  }

  @Test
  void aFullDiskIsAnError() {
    Result result =
        Shell.script(large()).toFile().runInto(new Broken("No space left on device"), "ls");

    assertThat(result)
        .isEqualTo(
            new Result(
                ExitCode.OUTPUT_FAILED.code(),
                "",
                "fuselage: The output can't be written: No space left on device.\n"));
  }

  @Test
  void exitCodesAreDistinct() {
    assertThat(Arrays.stream(ExitCode.values()).map(ExitCode::code)).doesNotHaveDuplicates();
  }

  /** More than any buffer on the way holds. */
  private static FakeSnapshotter large() {
    FakeSnapshotter snapshotter = new FakeSnapshotter();
    for (int i = 0; i < 5_000; i++) {
      snapshotter.add(Kind.ACTIVE, "key-" + i, "", Usage.NONE);
    }
    return snapshotter;
  }

  private static final class Broken extends OutputStream {
    private final String why;

    private Broken(String why) {
      this.why = why;
    }

    @Override
    public void write(int unused) throws IOException {
      throw new IOException(why);
    }
  }
}
