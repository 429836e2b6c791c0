package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.Needs;
import dev.fuselage.overlay.Finding.Level;
import dev.fuselage.posix.Posix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The preflight on this very machine, and on what mount and user namespaces make of it. */
class PreflightIT {
  private static final int USER = 54321;
  private static final String AS_USER = "setpriv --reuid 54321 --regid 54321 --clear-groups";

  @TempDir private static Path classes;
  @TempDir private Path directory;
  private Path root;
  private Path socket;
  private List<String> mountsBefore = List.of();

  /** For users who may not look into the build. */
  @BeforeAll
  static void copyClasses() throws Exception {
    for (Class<?> type : List.of(Preflight.class, PreflightMain.class, Posix.class)) {
      String own = type.getSimpleName() + ".class";
      Path from = Path.of(Objects.requireNonNull(type.getResource(own)).toURI()).resolveSibling("");
      Path to = Files.createDirectories(classes.resolve(type.getPackageName().replace('.', '/')));
      try (Stream<Path> files = Files.list(from)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
    Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @BeforeEach
  void needRoot() throws IOException {
    Needs.that(Posix.effectiveUid() == 0, "only root can make the conditions of these tests");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    root = Files.createDirectory(directory.resolve("root"));
    socket = directory.resolve("fuselage.sock");
    mountsBefore = mounts();
  }

  /** Those of this test; others may come and go meanwhile. */
  private List<String> mounts() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/mounts"))) {
      return lines.filter(line -> line.contains(directory.getFileName().toString())).toList();
    }
  }

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    if (Posix.effectiveUid() == 0) {
      assertThat(root).isEmptyDirectory();
      assertThat(directory).isDirectoryContaining(root::equals);
      assertThat(socket).doesNotExist();
      assertThat(mounts()).isEqualTo(mountsBefore);
    }
  }

  @Test
  void aReadyMachineHasNothingFatalWithFuseOverlayfs() {
    Preflight.Report report = Preflight.run(root, socket, DriverChoice.FUSE_OVERLAYFS);

    assertThat(report.driver()).isEqualTo(Driver.FUSE_OVERLAYFS);
    assertThat(report.fatal()).isEmpty();
    assertThat(report.findings())
        .extracting(Finding::check)
        .containsExactly(
            "kernel",
            "user namespace",
            "container",
            "driver",
            "/dev/fuse",
            "mount.fuse3",
            "fuse-overlayfs",
            "root path",
            "file system",
            "root",
            "entry types",
            "extended attributes",
            "owners",
            "space",
            "socket path");
    assertThat(report.findings())
        .filteredOn(finding -> finding.level() != Level.OK)
        .allMatch(finding -> !finding.remedy().isEmpty());
  }

  @Test
  void asRootTheKernelsOverlayIsFoundToWork() {
    Preflight.Report report = Preflight.run(root, socket, DriverChoice.AUTO);

    assertThat(report.driver()).isEqualTo(Driver.OVERLAYFS);
    assertThat(report.abilities().userxattr()).isFalse();
    assertThat(report.abilities().indexOff())
        .isEqualTo(Files.exists(Path.of("/sys/module/overlay/parameters/index")));
    assertThat(report.fatal()).isEmpty();
  }

  @Test
  void asRootIdMappedLayersAreFoundToWorkWhereTheKernelHasThem() throws Exception {
    String release = Machine.real().text("/proc/sys/kernel/osrelease").orElseThrow();
    Needs.that(
        !Version.find(release).orElseThrow().isBefore(new Version(5, 19, 0)),
        "overlays take id-mapped layers from Linux 5.19 on");
    Path image = directory.resolve("image");
    String make =
        "truncate -s 16M %1$s && mke2fs -q -t ext4 %1$s && mount -o loop %1$s %2$s"
            .formatted(image, root);
    try {
      assertThat(inNamespaces("unshare --mount", make, "overlayfs", Map.of()))
          .noneMatch(PreflightIT::fatal)
          .anyMatch(it -> it.contains("idMapped=true"));
    } finally {
      Files.delete(image);
    }
  }

  @Test
  void aRootThatDoesNotExistIsNotMade() {
    Path below = root.resolve("a/b");

    Preflight.Report report = Preflight.run(below, socket, DriverChoice.AUTO);

    assertThat(report.fatal()).isEmpty();
    assertThat(report.findings())
        .contains(Finding.ok("root", "this user may write in " + root))
        .contains(Finding.ok("root path", below.toString()));
  }

  @Test
  void aRootWithSpacesAndQuotesInItsPathIsTriedAsAnyOther() throws Exception {
    Path odd = Files.createDirectory(root.resolve("it's a: \"root\", \\ ünique"));

    assertThat(Preflight.run(odd, socket, DriverChoice.AUTO).driver()).isEqualTo(Driver.OVERLAYFS);
    assertThat(odd).isEmptyDirectory();
    Files.delete(odd);
  }

  @Test
  void inAUserNamespaceTheKernelsOverlayIsTriedWithUserxattr() throws Exception {
    List<String> lines = inNamespaces("unshare --user --map-root-user --mount", "auto", Map.of());

    assertThat(lines)
        .contains("DRIVER overlayfs")
        .anyMatch(it -> it.contains("userxattr=true"))
        .anyMatch(it -> it.contains("idMapped=false"));
    assertThat(lines).anyMatch(it -> it.startsWith("OK user namespace: inside one"));
    assertThat(lines).anyMatch(it -> it.startsWith("WARN owners: ")).noneMatch(PreflightIT::fatal);
  }

  @Test
  void anOrdinaryUserIsToldWhatItMayNot() throws Exception {
    List<String> lines = inNamespaces(AS_USER, "auto", Map.of());

    assertThat(lines).contains("DRIVER fuse-overlayfs");
    assertThat(lines).anyMatch(it -> it.startsWith("FATAL root: no right to write in " + root));
    assertThat(lines).anyMatch(it -> it.startsWith("FATAL socket path: "));
  }

  @Test
  void anOrdinaryUserWithoutANamespaceMayGiveNoFileAway() throws Exception {
    Files.setAttribute(root, "unix:uid", USER);

    assertThat(inNamespaces(AS_USER, "auto", Map.of()))
        .anyMatch(it -> it.startsWith("FATAL owners: no right to give files to other users"))
        .anyMatch(it -> it.startsWith("OK root: "));
  }

  @Test
  void anOrdinaryUsersOwnNamespaceMakesTheKernelsOverlayWork() throws Exception {
    Files.setAttribute(root, "unix:uid", USER);

    assertThat(inNamespaces(AS_USER + " unshare --user --map-root-user", "overlayfs", Map.of()))
        .contains("DRIVER overlayfs")
        .anyMatch(it -> it.startsWith("OK driver: "))
        .anyMatch(it -> it.contains("userxattr=true"));
  }

  @Test
  void onAReadOnlyFileSystemTheRootIsFatal() throws Exception {
    List<String> lines =
        inNamespaces(
            "unshare --mount",
            "mount --bind %1$s %1$s && mount -o remount,ro,bind %1$s".formatted(root),
            "fuse-overlayfs",
            Map.of());

    assertThat(lines)
        .anyMatch(
            it ->
                it.equals(
                    "FATAL root: "
                        + root
                        + " is on a read-only file system — mount"
                        + " it writable, or set fuselage.root to a writable directory"));
  }

  @Test
  void withoutTheFuseDeviceAHostIsToldWhatToDo() throws Exception {
    // The JVM itself wants these two, and nothing else of /dev.
    String hide =
        """
        mkdir %1$s/dev && mount -t tmpfs tmpfs %1$s/dev && touch %1$s/dev/null %1$s/dev/urandom &&
        mount --bind /dev/null %1$s/dev/null && mount --bind /dev/urandom %1$s/dev/urandom &&
        mount --rbind %1$s/dev /dev && umount -l %1$s/dev && rmdir %1$s/dev
        """
            .formatted(root);
    List<String> lines = inNamespaces("unshare --mount", hide, "fuse-overlayfs", Map.of());

    assertThat(lines)
        .filteredOn(PreflightIT::fatal)
        .singleElement()
        .asString()
        .startsWith("FATAL /dev/fuse: does not exist")
        .contains("modprobe fuse");
  }

  @Test
  void withoutTheSystemDirectoriesOnThePathAHostIsToldWhatToDo() throws Exception {
    List<String> lines = inNamespaces("env", "fuse-overlayfs", Map.of("PATH", "/usr/bin:/bin"));

    assertThat(lines)
        .filteredOn(PreflightIT::fatal)
        .singleElement()
        .asString()
        .startsWith("FATAL mount.fuse3: is /usr/sbin/mount.fuse3, which is not on the PATH");
  }

  @Test
  void inAPodWhatCannotBeSeenIsUnknownAndNothingIsFatal() throws Exception {
    List<String> lines =
        inNamespaces(
            "env", "fuse-overlayfs", Map.of("PATH", "/bin", "KUBERNETES_SERVICE_HOST", "::1"));

    assertThat(lines).noneMatch(PreflightIT::fatal);
    assertThat(lines).filteredOn(it -> it.startsWith("UNKNOWN ")).hasSize(3);
  }

  @Test
  void aFileSystemWithoutEntryTypesIsFoundOut() throws Exception {
    Path image = directory.resolve("image");
    String make =
        "truncate -s 16M %1$s && mke2fs -q -t ext4 -O ^filetype %1$s && mount -o loop %1$s %2$s"
            .formatted(image, root);
    try {
      assertThat(inNamespaces("unshare --mount", make, "overlayfs", Map.of()))
          .anyMatch(it -> it.startsWith("FATAL entry types: "))
          .anyMatch(it -> it.startsWith("FATAL driver: overlayfs is configured"))
          .anyMatch(it -> it.startsWith("WARN space: "));
    } finally {
      Files.delete(image);
    }
  }

  @Test
  void aMemoryFileSystemIsWarnedOf() throws Exception {
    String make = "mount -t tmpfs tmpfs " + root;

    assertThat(inNamespaces("unshare --mount", make, "auto", Map.of()))
        .noneMatch(PreflightIT::fatal)
        .anyMatch(it -> it.startsWith("WARN file system: tmpfs"));
  }

  @Test
  void onAnOverlayTheKernelsOverlayIsLeftAlone() throws Exception {
    String make =
        """
        mount -t tmpfs tmpfs %1$s && mkdir %1$s/lower %1$s/upper %1$s/work &&
        mount -t overlay overlay -o lowerdir=%1$s/lower,upperdir=%1$s/upper,workdir=%1$s/work %1$s
        """
            .formatted(root);

    assertThat(inNamespaces("unshare --mount", make, "auto", Map.of()))
        .noneMatch(PreflightIT::fatal)
        .contains("DRIVER fuse-overlayfs")
        .anyMatch(it -> it.startsWith("WARN file system: overlay"));
  }

  private static boolean fatal(String line) {
    return line.startsWith("FATAL ");
  }

  private List<String> inNamespaces(String enter, String choice, Map<String, String> environment)
      throws Exception {
    return inNamespaces(enter, "true", choice, environment);
  }

  /** The lines of a preflight below the command that enters, after the commands that set up. */
  private List<String> inNamespaces(
      String enter, String setUp, String choice, Map<String, String> environment) throws Exception {
    List<String> command = new ArrayList<>(List.of(enter.split(" ")));
    command.addAll(List.of("sh", "-euc", setUp.strip() + "\nexec env \"$@\"", "sh"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classes.toString(),
            PreflightMain.class.getName(),
            root.toString(),
            socket.toString(),
            choice));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream output = process.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
