package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.overlay.Finding.Level;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostChecksTest {
  private MadeUpMachine machine;

  @BeforeEach
  void makeUp(@TempDir Path slash) throws IOException {
    machine = new MadeUpMachine(slash);
  }

  @ParameterizedTest
  @CsvSource({
    "4.17.19, FUSE_OVERLAYFS, true, FATAL",
    "4.18.0-553.el8.x86_64, FUSE_OVERLAYFS, true, WARN",
    "4.17.19, FUSE_OVERLAYFS, false, WARN",
    "5.7.9, OVERLAYFS, false, WARN",
    "5.8.0, FUSE_OVERLAYFS, true, OK",
    "5.10.0-30-amd64, OVERLAYFS, true, WARN",
    "5.11.0, OVERLAYFS, true, OK",
    "6.18, OVERLAYFS, true, OK",
    "10.0.1, FUSE_OVERLAYFS, true, OK",
    "unheard of, FUSE_OVERLAYFS, false, UNKNOWN",
  })
  void aKernelIsJudgedByWhatTheDriverNeedsOfIt(
      String release, Driver driver, boolean userNamespace, Level expected) throws IOException {
    machine.file("/proc/sys/kernel/osrelease", release + "\n");
    if (userNamespace) {
      machine.inUserNamespace();
    }

    Finding finding = machine.host().kernel(driver);

    assertThat(finding.level()).isEqualTo(expected);
    assertThat(finding.detail()).contains(release);
  }

  @Test
  void aUserNamespaceIsToldByItsMap() throws IOException {
    assertThat(machine.host().userNamespace().detail()).isEqualTo("the initial one");
    machine.inUserNamespace();
    assertThat(machine.host().userNamespace().detail())
        .isEqualTo("inside one, with the user ids 0:1000:1,1:100000:65536");
  }

  @Test
  void aMissingFuseDeviceIsFatalOnAHost() throws IOException {
    machine.without("/dev/fuse");

    assertThat(machine.host().fuseDevice().line())
        .startsWith("FATAL /dev/fuse: does not exist")
        .contains("modprobe fuse");
  }

  @Test
  void aFuseDeviceThatCannotBeOpenedIsFatal() throws IOException {
    machine.without("/dev/fuse").file("/dev/fuse/a-directory", "");

    assertThat(machine.host().fuseDevice().line())
        .startsWith("FATAL /dev/fuse: cannot be opened")
        .contains("modprobe fuse");
  }

  @Test
  void aFuseDeviceThatOpensIsFine() throws IOException {
    assertThat(machine.host().fuseDevice().level()).isEqualTo(Level.OK);
  }

  @Test
  void aMountHelperThatIsNowhereIsFatalWithWhatToInstall() throws IOException {
    assertThat(machine.host().mountHelper().line())
        .startsWith("FATAL mount.fuse3: is not on the PATH — install fuse3");
  }

  @Test
  void aMountHelperOffThePathIsFatalAndNamesTheDirectoryToAdd() throws IOException {
    machine.program("/usr/sbin/mount.fuse3", "");

    assertThat(machine.host().mountHelper().line())
        .startsWith("FATAL mount.fuse3: is ")
        .contains("/usr/sbin to the PATH");
  }

  @Test
  void aMountHelperOnThePathIsFine() throws IOException {
    machine.program("/bin/mount.fuse3", "");

    assertThat(machine.host().mountHelper().level()).isEqualTo(Level.OK);
  }

  @Test
  void aFileThatIsNotExecutableIsNoProgram() throws IOException {
    machine.file("/bin/mount.fuse3", "");

    assertThat(machine.host().mountHelper().level()).isEqualTo(Level.FATAL);
  }

  @ParameterizedTest
  @CsvSource({
    "fuse-overlayfs: version 0.6.5, FATAL, 0.6.5",
    "fuse-overlayfs: version 0.7, WARN, 0.7",
    "fuse-overlayfs: version 1.8.2, WARN, 1.8.2",
    "fuse-overlayfs: version 1.9, OK, 1.9",
    "fuse-overlayfs: version 1.10, OK, 1.10",
    "fuse-overlayfs 2.0.0, OK, 2.0",
    "something else 3.0, UNKNOWN, ''",
    "'', UNKNOWN, ''",
  })
  void fuseOverlayfsIsJudgedByItsVersion(String line, Level expected, String version)
      throws Exception {
    machine.program(
        "/bin/fuse-overlayfs",
        "[ \"$1\" = --version ] || exit 1; echo 'unknown argument ignored: lazytime' >&2\n"
            + "echo '%s'; echo 'FUSE library version 3.14.0'".formatted(line));

    FuseOverlayfsVersion seen = machine.host().fuseOverlayfs();

    assertThat(seen.finding().level()).isEqualTo(expected);
    assertThat(seen.version().map(Version::toString).orElse("")).isEqualTo(version);
  }

  @Test
  void fuseOverlayfsThatIsNowhereIsFatalWithWhatToInstall() throws Exception {
    assertThat(machine.host().fuseOverlayfs().finding().line())
        .startsWith("FATAL fuse-overlayfs: is not on the PATH — install fuse-overlayfs");
  }

  @Test
  void inAContainerWhatCannotBeSeenIsUnknown() throws Exception {
    machine.without("/dev/fuse").variable("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    HostChecks host = machine.host();

    assertThat(host.container().detail()).contains("KUBERNETES_SERVICE_HOST");
    assertThat(host.fuseDevice().level()).isEqualTo(Level.UNKNOWN);
    assertThat(host.mountHelper().level()).isEqualTo(Level.UNKNOWN);
    assertThat(host.fuseOverlayfs().finding().level()).isEqualTo(Level.UNKNOWN);
    assertThat(host.fuseOverlayfs().version()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0::/kubepods/besteffort/pod1/0123",
        "0::/system.slice/docker-0123.scope",
        "5:memory:/docker/0123",
        "0::/machine.slice/libpod-0123.scope/container",
        "0::/lxc.payload.web/init.scope",
      })
  void aContainersCgroupOfProcessOneIsASign(String line) throws IOException {
    machine.file("/proc/1/cgroup", line + "\n");

    assertThat(machine.host().containerSign()).isPresent();
  }

  @Test
  void aMaskedKernelFileIsASign() throws IOException {
    machine.file(
        "/proc/self/mountinfo", "812 801 0:75 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw\n");

    assertThat(machine.host().container().detail()).contains("/proc/kcore is masked");
  }

  @Test
  void podmansFileIsASign() throws IOException {
    machine.file("/run/.containerenv", "");

    assertThat(machine.host().containerSign()).isPresent();
  }

  @Test
  void dockersFileIsASignOnlyWhereTheRootIsAnOverlay() throws IOException {
    machine.file("/.dockerenv", "");
    machine.file("/proc/self/mountinfo", "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n");
    assertThat(machine.host().containerSign()).isEmpty();

    machine.file(
        "/proc/self/mountinfo",
        "700 600 0:50 / / rw,relatime master:1 - overlay overlay rw,lowerdir=a:b\n");
    assertThat(machine.host().containerSign()).isPresent();
  }

  @Test
  void aHostShowsNoSign() throws IOException {
    machine.file(
        "/proc/self/mountinfo",
        "22 1 254:0 / / rw - ext4 /dev/vda rw\n30 22 0:50 / /var/lib/x rw - overlay overlay rw\n");

    assertThat(machine.host().container().line()).isEqualTo("OK container: none");
  }
}
