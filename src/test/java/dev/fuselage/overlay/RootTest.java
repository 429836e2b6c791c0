package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootTest {
  @TempDir Path directory;

  private static void assertRefused(
      ThrowingCallable action, RootException.Reason reason, String... words) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(RootException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContainingAll(words);
  }

  @Test
  void makesAMissingRootForItsOwnerAlone() throws Exception {
    Path path = directory.resolve("a/b");

    try (Root root = Root.open(path)) {
      for (Path each : new Path[] {path, path.resolve("snapshots"), path.resolve("trash")}) {
        assertThat(Files.getPosixFilePermissions(each))
            .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      }
      assertThat(root.store()).isEqualTo(path.resolve("store"));
    }
  }

  @Test
  void isServedByOneAtATime() throws Exception {
    try (Root root = Root.open(directory)) {
      assertRefused(
          () -> Root.open(directory),
          RootException.Reason.IN_USE,
          root.path().toString(),
          "pid " + ProcessHandle.current().pid());
    }
    Root.open(directory).close();
  }

  @Test
  void mayBeClosedTwice() throws Exception {
    Root root = Root.open(directory);
    root.close();
    root.close();
  }

  @Test
  void remembersItsDriver() throws Exception {
    assertThat(Root.driverOf(directory)).isEmpty();
    try (Root root = Root.open(directory)) {
      root.settle(Driver.OVERLAYFS);
    }

    assertThat(Root.driverOf(directory)).contains(Driver.OVERLAYFS);
    try (Root root = Root.open(directory)) {
      root.settle(Driver.OVERLAYFS);
      assertRefused(
          () -> root.settle(Driver.FUSE_OVERLAYFS),
          RootException.Reason.FOREIGN,
          "set fuselage.driver=overlayfs");
    }
  }

  @Test
  void refusesWhatAnotherVersionMade() throws Exception {
    Files.writeString(
        directory.resolve("fuselage.properties"), "format=2\nbackend=rocksdb\ndriver=overlayfs\n");

    assertRefused(
        () -> Root.open(directory), RootException.Reason.FOREIGN, "format '2'", "format 1");
    assertRefused(() -> Root.driverOf(directory), RootException.Reason.FOREIGN, "format '2'");
  }

  @Test
  void refusesAnotherBackend() throws Exception {
    Files.writeString(
        directory.resolve("fuselage.properties"), "format=1\nbackend=bbolt\ndriver=overlayfs\n");

    assertRefused(() -> Root.open(directory), RootException.Reason.FOREIGN, "backend 'bbolt'");
  }

  @Test
  void refusesAPathThatIsNoDirectory() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    assertRefused(
        () -> Root.open(file), RootException.Reason.UNUSABLE, file.toString(), "fuselage.root");
  }
}
