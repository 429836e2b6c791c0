package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
  /** Java has no datagram sockets in the unix domain, so another program plays the manager. */
  private static final String MANAGER =
      """
      use Socket;
      my $name = $ARGV[0];
      $name =~ s/^@/\\0/;
      socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die $!;
      bind($s, pack('S a*', AF_UNIX, $name)) or die $!;
      $| = 1;
      print "bound\\n";
      alarm 20;
      recv($s, my $message, 4096, 0);
      print $message;
      """;

  @Test
  void aMessageReachesASocketInTheFileSystem(@TempDir Path directory) throws IOException {
    reaches(directory.resolve("notify.sock").toString());
  }

  @Test
  void aMessageReachesAnAbstractSocket() throws IOException {
    reaches("@fuselage-test-" + ProcessHandle.current().pid());
  }

  @Test
  void withoutAManagerNothingHappens(@TempDir Path directory) {
    String nobody = directory.resolve("nobody.sock").toString();

    assertThat(ServiceManager.notify(nobody, "READY=1")).isFalse();
    assertThat(ServiceManager.notify("vsock:2:1", "READY=1")).isFalse();
    assertThat(ServiceManager.notify("@", "READY=1")).isFalse();
    assertThat(ServiceManager.notify("/" + "x".repeat(108), "READY=1")).isFalse();
    assertThat(ServiceManager.notify(nobody, "STATUS=" + "x".repeat(5000))).isFalse();
  }

  private static void reaches(String socket) throws IOException {
    Process manager = new ProcessBuilder("perl", "-e", MANAGER, socket).start();
    try (BufferedReader reader = manager.inputReader(StandardCharsets.UTF_8)) {
      assertThat(reader.readLine()).isEqualTo("bound");
      assertThat(ServiceManager.notify(socket, "READY=1\nSTATUS=größer")).isTrue();
      assertThat(reader.readLine()).isEqualTo("READY=1");
      assertThat(reader.readLine()).isEqualTo("STATUS=größer");
    } finally {
      manager.destroy();
    }
  }
}
