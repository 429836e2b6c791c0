package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.overlay.Finding.Level;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Space;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RootChecksTest {
  private static final OverlayAbilities USERXATTR = new OverlayAbilities(true, true, false);
  private static final long GIBIBYTE = 1L << 30;

  @ParameterizedTest
  @CsvSource({
    "0xEF53, FUSE_OVERLAYFS, false, OK",
    "0x58465342, OVERLAYFS, true, OK",
    "0x9123683E, OVERLAYFS, false, OK",
    "0x01021994, OVERLAYFS, true, WARN",
    "0x794C7630, FUSE_OVERLAYFS, false, WARN",
    "0x794C7630, OVERLAYFS, false, FATAL",
    "0x65735546, FUSE_OVERLAYFS, false, WARN",
    "0x65735546, OVERLAYFS, false, FATAL",
    "0x6969, FUSE_OVERLAYFS, false, WARN",
    "0x6969, OVERLAYFS, false, FATAL",
    "0x6969, OVERLAYFS, true, WARN",
    "0x4D44, FUSE_OVERLAYFS, false, FATAL",
    "0x12345678, FUSE_OVERLAYFS, false, UNKNOWN",
  })
  void aFileSystemIsJudgedByWhatIsKnownOfIt(
      String magic, Driver driver, boolean proven, Level expected) {
    long type = Long.decode(magic);

    assertThat(RootFileSystem.judge(type, driver, proven, false).level()).isEqualTo(expected);
    // The kernel's word is signed and 64 bits wide on some machines, and 32 on others.
    assertThat(RootFileSystem.judge((int) type, driver, proven, false).level()).isEqualTo(expected);
  }

  @Test
  void aContainersOwnLayerIsNoPlaceForARoot() {
    assertThat(RootFileSystem.judge(0x794C7630, Driver.FUSE_OVERLAYFS, false, true).line())
        .startsWith("WARN file system: ")
        .contains("mount a directory of the host there");
  }

  @Test
  void untoldEntryTypesAreFatalOnlyForTheKernelsOverlay() {
    assertThat(RootChecks.judgeTypes(true, Driver.OVERLAYFS).level()).isEqualTo(Level.OK);
    assertThat(RootChecks.judgeTypes(false, Driver.OVERLAYFS).level()).isEqualTo(Level.FATAL);
    assertThat(RootChecks.judgeTypes(false, Driver.FUSE_OVERLAYFS).level()).isEqualTo(Level.WARN);
  }

  @Test
  void missingAttributesAreFatalOnlyForTheKernelsOverlayInAUserNamespace() {
    assertThat(RootChecks.judgeAttributes(true, Driver.OVERLAYFS, USERXATTR).level())
        .isEqualTo(Level.OK);
    assertThat(RootChecks.judgeAttributes(false, Driver.OVERLAYFS, USERXATTR).level())
        .isEqualTo(Level.FATAL);
    assertThat(RootChecks.judgeAttributes(false, Driver.OVERLAYFS, OverlayAbilities.NONE).level())
        .isEqualTo(Level.WARN);
    assertThat(
            RootChecks.judgeAttributes(false, Driver.FUSE_OVERLAYFS, OverlayAbilities.NONE).level())
        .isEqualTo(Level.WARN);
  }

  @Test
  void littleSpaceIsAWarningSinceOnlyARunningServiceCanFreeIt() {
    assertThat(RootChecks.judgeSpace(new Space(9 * GIBIBYTE, 2 * GIBIBYTE, 0, 0)).level())
        .isEqualTo(Level.OK);
    assertThat(RootChecks.judgeSpace(new Space(9 * GIBIBYTE, 0, 0, 0)).level())
        .isEqualTo(Level.WARN);
    assertThat(RootChecks.judgeSpace(new Space(9 * GIBIBYTE, 9 * GIBIBYTE, 100_000, 9_999)).line())
        .startsWith("WARN space: ")
        .contains("9999 inodes");
  }

  @Test
  void anIdOtherThanRootsIsFoundInAnyLineOfTheMap() {
    assertThat(RootChecks.otherId("0 0 4294967295")).hasValue(1);
    assertThat(RootChecks.otherId("  0 1000 1\n  1 100000 65536")).hasValue(1);
    assertThat(RootChecks.otherId("0 1000 1\n500 100000 9")).hasValue(500);
    assertThat(RootChecks.otherId("0 1000 1")).isEmpty();
    assertThat(RootChecks.otherId("")).isEmpty();
  }

  @Test
  void aNamespaceWithoutSubordinateIdsIsWarnedOf(@TempDir Path slash) throws IOException {
    MadeUpMachine machine = new MadeUpMachine(slash).file("/proc/self/uid_map", "0 1000 1\n");
    try (Directory scratch = Directory.open(slash)) {
      assertThat(new RootChecks(machine.machine(), scratch).owners().line())
          .startsWith("WARN owners: ")
          .contains("subordinate ids");
    }
  }

  @Test
  void aReadOnlyRootIsFatalInOneSentence(@TempDir Path root) {
    assertThat(
            Preflight.judgeWrite(root, new FileSystemException("x", null, "Read-only file system"))
                .line())
        .isEqualTo(
            "FATAL root: %s is on a read-only file system — mount it writable, or set fuselage.root"
                    .formatted(root)
                + " to a writable directory");
  }

  @Test
  void aRootThatMayNotBeWrittenIsFatal(@TempDir Path root) {
    assertThat(Preflight.judgeWrite(root, new AccessDeniedException("x")).line())
        .startsWith("FATAL root: no right to write in " + root + " — run as the owner");
  }

  @Test
  void aFullRootDoesNotStopTheServiceThatCouldEmptyIt(@TempDir Path root) {
    assertThat(
            Preflight.judgeWrite(
                    root, new FileSystemException("x", null, "No space left on device"))
                .level())
        .isEqualTo(Level.WARN);
  }

  @Test
  void aRootThatIsAFileIsFatal(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThat(
            Preflight.judgeWrite(file, new FileSystemException("x", null, "Not a directory"))
                .detail())
        .isEqualTo(file + " is not a directory");
  }
}
