package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketConnectorTest {
  @TempDir private Path directory = Path.of("");

  private final Shell shell = Shell.script(new SocketConnector());

  @Test
  void asksWhetherTheServiceRunsIfThereIsNoSocket() {
    Path socket = directory.resolve("missing/fuselage.sock");

    Result result = shell.run("ls", "--socket", socket.toString());

    assertThat(result)
        .isEqualTo(
            new Result(
                ExitCode.UNAVAILABLE.code(),
                "",
                String.format(
                    "fuselage: Fuselage does not answer on %s; is `fuselage serve` running? Name"
                        + " another socket with --socket or FUSELAGE_SOCKET.%n",
                    socket)));
  }

  @Test
  void asksWhetherTheServiceRunsIfTheSocketIsStale() throws IOException {
    Path socket = directory.resolve("stale.sock");
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(socket));
    }

    Result result = shell.run("ls", "--socket", socket.toString());

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
    assertThat(result.err()).contains("is `fuselage serve` running?").hasLineCount(1);
  }

  @Test
  void saysThatAFileIsNoSocket() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    Result result = shell.run("ls", "--socket", file.toString());

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
    assertThat(result.err()).contains(file + " is not a socket");
  }

  @Test
  void saysThatAPathIsTooLongForASocket() {
    Result result = shell.run("ls", "--socket", "/" + "x".repeat(107));

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE.code());
    assertThat(result.err()).contains("107 bytes").hasLineCount(1);
  }
}
