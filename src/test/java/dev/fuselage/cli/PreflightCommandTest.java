package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import dev.fuselage.overlay.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

class PreflightCommandTest {
  private static final Finding OK = new Finding("kernel", Finding.Level.OK, "6.1.0", "");
  private static final Finding WARN =
      new Finding("fuse-overlayfs", Finding.Level.WARN, "1.3 is old", "install 1.10");
  private static final Finding UNKNOWN =
      new Finding("/dev/fuse", Finding.Level.UNKNOWN, "not seen from here", "look on the host");
  private static final Finding FATAL =
      new Finding("root", Finding.Level.FATAL, "/r\u202e is read-only", "mount it writable");

  private final List<String> asked = new ArrayList<>();

  @Test
  void isContentWithoutAFatalFinding() {
    assertThat(shell(OK, WARN, UNKNOWN).run("preflight"))
        .isEqualTo(
            new Result(
                0,
                """
                OK kernel: 6.1.0
                WARN fuse-overlayfs: 1.3 is old — install 1.10
                UNKNOWN /dev/fuse: not seen from here — look on the host
                """,
                ""));
  }

  @Test
  void hasAnExitCodeOfItsOwnForAFatalFinding() {
    Result result = shell(OK, FATAL).run("preflight");

    assertThat(result)
        .isEqualTo(
            new Result(
                ExitCode.PREFLIGHT_FAILED.code(),
                """
                OK kernel: 6.1.0
                FATAL root: /r\\u202e is read-only — mount it writable
                """,
                "fuselage: This machine can't serve as it is: 1 of 2 findings are fatal.\n"));
  }

  @Test
  void keepsToAsciiWhereThatIsAllThereIs() {
    assertThat(shell(WARN).withoutUnicode().run("preflight").out())
        .isEqualTo("WARN fuse-overlayfs: 1.3 is old - install 1.10\n");
  }

  @Test
  void writesJson() {
    Result result = shell(OK, FATAL).run("preflight", "--json");

    List<Map<String, String>> findings = new Yaml().load(result.out());
    assertThat(result.exitCode()).isEqualTo(ExitCode.PREFLIGHT_FAILED.code());
    assertThat(findings)
        .containsExactly(
            Map.of("check", "kernel", "level", "ok", "detail", "6.1.0", "remedy", ""),
            Map.of(
                "check",
                "root",
                "level",
                "fatal",
                "detail",
                FATAL.detail(),
                "remedy",
                "mount it writable"));
  }

  @Test
  void looksAtWhatServeWouldUse() {
    shell(OK).run("preflight");
    shell(OK).with("FUSELAGE_ROOT", "/data").run("preflight");
    shell(OK).with("FUSELAGE_DRIVER", "overlayfs").run("preflight", "--socket", "/s");
    shell(OK)
        .with("FUSELAGE_ROOT", "/data")
        .run("preflight", "--root", "/other", "--driver", "fuse-overlayfs");

    assertThat(asked)
        .containsExactly(
            "/var/lib/fuselage /run/fuselage/fuselage.sock AUTO",
            "/data /run/fuselage/fuselage.sock AUTO",
            "/var/lib/fuselage /s OVERLAYFS",
            "/other /run/fuselage/fuselage.sock FUSE_OVERLAYFS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zfs", "AUTO"})
  void namesTheDriversThereAre(String driver) {
    Result result = shell(OK).run("preflight", "--driver", driver);

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(result.err()).contains("auto, fuse-overlayfs or overlayfs").hasLineCount(1);
    assertThat(asked).isEmpty();
  }

  private Shell shell(Finding... findings) {
    return Shell.script(new FakeSnapshotter())
        .examining(
            (root, socket, driver) -> {
              asked.add(root + " " + socket + " " + driver);
              return List.of(findings);
            });
  }
}
