package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.ExitCode;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What makes service impossible ends the start in one sentence that says what to do. */
class RefusalsIT {
  @RegisterExtension private final Workspace workspace = new Workspace();

  private Installation fuselage() {
    return Installation.in(workspace.path(), workspace, Parts.launcher());
  }

  @Test
  void aRootThatIsServedAlready() {
    Installation first = fuselage();
    try (Service service = first.start()) {
      Installation second = first.with(Installation.SOCKET, workspace.resolve("second").toString());

      assertThat(refusal(second, ExitCode.ROOT_LOCKED))
          .contains(first.root().toString(), "pid " + service.pid(), "stop that one");
      assertThat(second.socket()).doesNotExist();
      assertUnharmed(service);
    }
  }

  @Test
  void aSocketThatAnotherProcessAnswersOn() {
    Installation first = fuselage();
    try (Service service = first.start()) {
      Installation second = first.with(Installation.ROOT, workspace.resolve("second").toString());

      assertThat(refusal(second, ExitCode.SOCKET_NOT_CREATED))
          .contains("another process answers on " + first.socket(), "choose another path");
      assertUnharmed(service);
    }
  }

  @Test
  void aSocketThatNobodyAnswersOnIsNoObstacle() {
    Installation fuselage = fuselage();
    try (Service service = fuselage.start()) {
      service.kill();
    }
    assertThat(fuselage.socket()).exists();

    try (Service service = fuselage.start()) {
      assertUnharmed(service);
      assertThat(service.stop()).as(service.log()).isZero();
    }
    assertThat(fuselage.socket()).doesNotExist();
  }

  @Test
  void aFileWhereTheSocketShouldBe() throws Exception {
    Installation fuselage = fuselage();
    Files.writeString(fuselage.socket(), "precious");

    assertThat(refusal(fuselage, ExitCode.SOCKET_NOT_CREATED))
        .contains(fuselage.socket() + " is not a socket", "move it away");
    assertThat(fuselage.socket()).hasContent("precious");
  }

  @Test
  void aSocketPathThatTheKernelDoesNotTake() {
    Installation fuselage =
        fuselage().with(Installation.SOCKET, workspace.resolve("s".repeat(100)).toString());

    assertThat(refusal(fuselage, ExitCode.PREFLIGHT_FAILED)).contains("107", "shorter");
    assertThat(fuselage.root()).doesNotExist();
  }

  @Test
  void aRootOfAnotherFormatVersion() throws Exception {
    Installation fuselage = fuselage();
    Files.createDirectories(fuselage.root());
    Path mark = fuselage.root().resolve("fuselage.properties");
    Files.writeString(mark, "format=2\nbackend=rocksdb\ndriver=fuse-overlayfs\n");

    assertThat(refusal(fuselage, ExitCode.BAD_CONFIGURATION))
        .contains("format '2'", "start the version of Fuselage that made it");
    assertThat(mark).content().startsWith("format=2");
  }

  @Test
  void aRootOfAnotherDriver() {
    Parts.needRoot();
    Installation fuselage = fuselage();
    try (Service service = fuselage.start()) {
      assertThat(service.stop()).isZero();
    }

    assertThat(refusal(fuselage.with(Installation.DRIVER, "overlayfs"), ExitCode.BAD_CONFIGURATION))
        .contains("driver fuse-overlayfs", "set fuselage.driver=fuse-overlayfs");
  }

  @Test
  void aRootThatIsReadOnly() throws Exception {
    Parts.needRoot();
    Installation fuselage = fuselage();
    Files.createDirectories(fuselage.root());
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      String readOnly = "mount --bind %1$s %1$s && mount -o remount,ro,bind %1$s";
      namespace.run("sh", "-ec", readOnly.formatted(fuselage.root())).succeeded();

      assertThat(refusal(fuselage.at(namespace), ExitCode.PREFLIGHT_FAILED))
          .contains(fuselage.root() + " is on a read-only file system", "mount it writable");
    }
    assertThat(fuselage.root()).isEmptyDirectory();
  }

  @Test
  void aHostWithoutTheFuseDevice() throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    // The JVM itself wants these, and nothing else of /dev.
    String hide =
        """
        mkdir %1$s && mount -t tmpfs tmpfs %1$s
        for device in null urandom; do
          touch %1$s/$device && mount --bind /dev/$device %1$s/$device
        done
        mount --rbind %1$s /dev && umount -l %1$s && rmdir %1$s
        """;
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      namespace.run("sh", "-ec", hide.formatted(workspace.resolve("dev"))).succeeded();

      assertThat(refusal(fuselage().at(namespace), ExitCode.PREFLIGHT_FAILED))
          .contains("/dev/fuse: does not exist", "modprobe fuse");
    }
  }

  @Test
  void aHostWithoutTheMountHelperOnThePath() {
    Parts.needFuse();
    Installation fuselage = fuselage().with("PATH", "/usr/bin:/bin");

    assertThat(refusal(fuselage, ExitCode.PREFLIGHT_FAILED))
        .contains("mount.fuse3", "not on the PATH");
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "FUSELAGE_DRIVER | nonsense | auto,fuse-overlayfs,overlayfs",
        "FUSELAGE_SYNC | half | fuselage.sync",
        "FUSELAGE_MOUNT_OPTIONS | noatime\\,lowerdir=/ | mount option 'noatime,lowerdir=/'",
        "FUSELAGE_MOUNT_OPTIONS | upperdir=/ | mount option 'upperdir=/'",
        "FUSELAGE_LIMITS_KEY | many | fuselage.limits.key",
        "FUSELAGE_HTTP_PORT | everywhere | fuselage.http.port",
        "FUSELAGE_HTTP_PORT | 65536 | fuselage.http.port is 65536",
      })
  void aValueThatIsNone(String name, String value, String said) {
    Installation fuselage = fuselage().with(name, value);

    assertThat(refusal(fuselage, ExitCode.BAD_CONFIGURATION)).contains(said);
    assertThat(fuselage.socket()).doesNotExist();
  }

  @Test
  void aPortThatAnotherProcessHas() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(other.getLocalPort());
      Installation fuselage = fuselage().with(Installation.HTTP_PORT, port);

      assertThat(refusal(fuselage, ExitCode.FAILED)).contains(port, "set FUSELAGE_HTTP_PORT");
      assertThat(fuselage.socket()).doesNotExist();
    }
  }

  /** The one sentence, beside which there may be warnings of the machine. */
  private static String refusal(Installation fuselage, ExitCode expected) {
    try (Service service = fuselage.begin()) {
      int exitCode = service.awaitExit();
      List<String> lines = new ArrayList<>(service.log().lines().toList());
      lines.removeIf(line -> line.contains(" WARN "));
      assertThat(lines).hasSize(1);
      assertThat(exitCode).as(service.log()).isEqualTo(expected.code());
      return lines.getFirst();
    }
  }

  private static void assertUnharmed(Service service) {
    try (SnapshotterClient client = service.client()) {
      client.prepare(Call.PATIENT, "key", "", Labels.NONE);
      assertThat(client.stat("key").kind()).isEqualTo(Kind.ACTIVE);
      client.remove(Call.PATIENT, "key");
    }
  }
}
