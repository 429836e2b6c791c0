package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UninstallCommandTest {
  private final Shell shell = Shell.script(new FakeSnapshotter());

  @Test
  void saysHowToReachTheApiServerFromOutsideOfAPod() {
    Result result = shell.run("uninstall");

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(result.err()).contains("name a kubeconfig by --kubeconfig");
  }

  @Test
  void namesTheFileThatItCannotRead() {
    Result result = shell.run("uninstall", "--kubeconfig", "/no/such/file");

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(result.err()).contains("/no/such/file can't be read");
  }

  @Test
  void doesNotTakeSilenceForConsent(@TempDir Path directory) throws IOException {
    Path kubeconfig = directory.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: nobody
        contexts: [{name: nobody, context: {cluster: nobody, user: nobody}}]
        clusters: [{name: nobody, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: nobody, user: {token: none}}]
        """);

    Result result = shell.run("uninstall", "--kubeconfig", kubeconfig.toString());

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
    assertThat(result.err()).contains("can't be asked");
  }
}
