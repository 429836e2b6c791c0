package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryTest {
  @TempDir Path root;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(root);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void makesDirectoriesWithTheExactModeWhateverTheUmask() throws IOException {
    int before = Posix.umask(077);
    try {
      directory.makeDirectory("17", 0755);
      directory.makeDirectory("17/fs", 01777);
      directory.makeDirectory("17/work", 0);
    } finally {
      Posix.umask(before);
    }

    assertThat(directory.status("17").permissions()).isEqualTo(0755);
    assertThat(directory.status("17/fs").permissions()).isEqualTo(01777);
    assertThat(directory.status("17/work").permissions()).isZero();
  }

  @Test
  void aSetGroupIdParentDoesNotShowInTheMode() throws IOException {
    directory.makeDirectory("parent", 02755);
    directory.makeDirectory("parent/child", 0711);

    assertThat(directory.status("parent/child").permissions()).isEqualTo(0711);
  }

  @Test
  void statusAgreesWithJava() throws IOException {
    Path file = Files.write(root.resolve("file"), new byte[10_000]);
    Files.createLink(root.resolve("other"), file);

    for (String name : new String[] {"file", "other", ""}) {
      Path path = root.resolve(name);
      FileStatus status = directory.status(name);
      assertThat(status.device()).isEqualTo(attribute(path, "dev"));
      assertThat(status.inode()).isEqualTo(attribute(path, "ino"));
      assertThat(status.mode()).isEqualTo(attribute(path, "mode"));
      assertThat(status.uid()).isEqualTo(attribute(path, "uid"));
      assertThat(status.gid()).isEqualTo(attribute(path, "gid"));
      assertThat(status.links()).isEqualTo(attribute(path, "nlink"));
      assertThat(status.size()).isEqualTo(attribute(path, "size"));
      assertThat(status.isDirectory()).isEqualTo(name.isEmpty());
    }
    assertThat(directory.status("file").links()).isEqualTo(2);
  }

  @Test
  void statusTellsAllocatedBlocksNotLength() throws IOException, InterruptedException {
    TestTrees.mustRun("truncate", "-s", "50M", root.resolve("sparse").toString());

    assertThat(directory.status("sparse").size()).isEqualTo(50L << 20);
    assertThat(directory.status("sparse").blocks512())
        .isEqualTo(Long.parseLong(TestTrees.mustRun("stat", "-c", "%b", root + "/sparse")));
  }

  @Test
  void changesTheOwnerOfALinkNotOfItsTarget() throws IOException {
    assumeThat(Posix.effectiveUid()).isZero();
    Files.createFile(root.resolve("target"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("target"));

    directory.changeOwner("link", 1234, 5678);
    directory.changeOwner("link", -1, 99);

    assertThat(directory.status("link").uid()).isEqualTo(1234);
    assertThat(directory.status("link").gid()).isEqualTo(99);
    assertThat(directory.status("target").uid()).isZero();
  }

  @Test
  void movesBetweenDirectoriesAndNeverOntoAnother() throws IOException {
    directory.makeDirectory("from", 0755);
    directory.makeDirectory("from/tree", 0755);
    directory.makeDirectory("trash", 0755);

    try (Directory trash = directory.openDirectory("trash")) {
      directory.rename("from/tree", trash, "1");
      assertThat(trash.names()).containsExactly("1");
      directory.makeDirectory("from/tree", 0755);
      fails(
          () -> directory.rename("from/tree", trash, "1"),
          Errno.EEXIST,
          "renameat2 from/tree to 1: File exists (EEXIST)");
      fails(() -> directory.rename("absent", trash, "2"), Errno.ENOENT, "renameat2 absent to 2");
    }
  }

  @Test
  void aMoveToAnotherFileSystemIsAnError() throws IOException {
    Path elsewhere = Path.of("/dev/shm");
    assumeThat(elsewhere).isWritable();
    FileStore here = Files.getFileStore(root);
    assumeThat(Files.getFileStore(elsewhere)).isNotEqualTo(here);
    directory.makeDirectory("tree", 0755);

    try (Directory target = Directory.open(elsewhere)) {
      fails(() -> directory.rename("tree", target, "fuselage-test-tree"), Errno.EXDEV, "renameat2");
    }
  }

  @Test
  void removesOnlyEmptyDirectories() throws IOException {
    directory.makeDirectory("full", 0755);
    directory.makeDirectory("full/inner", 0755);
    Files.createFile(root.resolve("file"));

    fails(
        () -> directory.removeDirectory("full"),
        Errno.ENOTEMPTY,
        "unlinkat full: Directory not empty (ENOTEMPTY)");
    fails(() -> directory.removeDirectory("file"), Errno.ENOTDIR, "unlinkat file");
    directory.removeDirectory("full/inner");
    directory.removeDirectory("full");

    assertThat(root.resolve("full")).doesNotExist();
  }

  @Test
  void namesEveryEntryOfAWideDirectoryEachTime() throws IOException {
    for (int i = 0; i < 3000; i++) {
      Files.createFile(root.resolve("entry-with-a-rather-long-name-" + i));
    }

    assertThat(directory.names()).hasSize(3000).doesNotHaveDuplicates();
    assertThat(directory.names()).hasSize(3000).contains("entry-with-a-rather-long-name-2999");
  }

  @Test
  void aNameThatIsNoUtf8WorksLikeAnyOther() throws IOException, InterruptedException {
    TestTrees.mustRun("sh", "-c", "cd '" + root + "' && mkdir \"$(printf 'caf\\351\\200')\"");

    String name = directory.names().getFirst();

    assertThat(directory.status(name).isDirectory()).isTrue();
    directory.makeDirectory(name + "/inner", 0755);
    try (Directory opened = directory.openDirectory(name)) {
      assertThat(opened.names()).containsExactly("inner");
      opened.removeDirectory("inner");
    }
    directory.removeDirectory(name);
    assertThat(directory.names()).isEmpty();
  }

  @Test
  void neverFollowsALink() throws IOException {
    directory.makeDirectory("real", 0755);
    directory.makeDirectory("real/inner", 0755);
    Files.createSymbolicLink(root.resolve("link"), Path.of("real"));

    fails(() -> directory.openDirectory("link").close(), Errno.ENOTDIR, "openat link");
    fails(() -> directory.openDirectory("link/inner").close(), Errno.ENOTDIR, "openat link/inner");
    fails(() -> directory.makeDirectory("link/new", 0755), Errno.ENOTDIR, "mkdirat link/new");
    fails(() -> directory.status("link/inner"), Errno.ENOTDIR, "statx link/inner");
    fails(() -> directory.removeDirectory("link/inner"), Errno.ENOTDIR, "unlinkat link/inner");
    assertThat(directory.status("link").isDirectory()).isFalse();
    assertThat(root.resolve("real/inner")).isDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc", "..", "a/../b", ".", "a//b", "a/", "a\0b"})
  void refusesANameThatIsNotBelow(String name) {
    assertThatThrownBy(() -> directory.openDirectory(name).close())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void errorsTellTheirReason() {
    fails(
        () -> Directory.open(root.resolve("absent")).close(),
        Errno.ENOENT,
        "openat " + root.resolve("absent") + ": No such file or directory (ENOENT)");
    fails(() -> directory.status("absent"), Errno.ENOENT, "statx absent");
    fails(() -> directory.changeOwner("absent", 0, 0), Errno.ENOENT, "fchownat absent");
    fails(() -> directory.makeDirectory("a/b", 0755), Errno.ENOENT, "mkdirat a/b");
    fails(() -> directory.makeDirectory("x".repeat(256), 0755), Errno.ENAMETOOLONG, "mkdirat");
  }

  @Test
  void aFullFileSystemTellsSo() throws IOException, InterruptedException {
    assumeThat(Posix.effectiveUid()).isZero();
    directory.makeDirectory("small", 0755);
    String mountPoint = root.resolve("small").toString();
    assumeThat(
            TestTrees.run("mount", "-t", "tmpfs", "-o", "nr_inodes=2", "tmpfs", mountPoint)
                .exitCode())
        .isZero();
    try (Directory small = directory.openDirectory("small")) {
      small.makeDirectory("17", 0755);
      fails(
          () -> small.makeDirectory("17/fs", 0755),
          Errno.ENOSPC,
          "mkdirat 17/fs: No space left on device (ENOSPC)");
      assertThat(small.space().totalInodes()).isEqualTo(2);
      assertThat(small.space().freeInodes()).isZero();
      assertThat(small.fileSystemType()).isEqualTo(0x01021994L);
    } finally {
      TestTrees.mustRun("umount", mountPoint);
    }
  }

  @Test
  void tellsSpaceAndTypeOfItsFileSystem() throws IOException, InterruptedException {
    FileStore store = Files.getFileStore(root);
    String type = TestTrees.mustRun("stat", "-f", "-c", "%t", root.toString());

    assertThat(directory.space().totalBytes()).isEqualTo(store.getTotalSpace());
    assertThat(directory.space().freeBytes()).isBetween(0L, store.getTotalSpace());
    assertThat(directory.fileSystemType()).isEqualTo(Long.parseLong(type, 16));
  }

  @Test
  void syncsItselfAndItsFileSystem() throws IOException {
    directory.sync();
    directory.syncFileSystem();
  }

  @Test
  void afterCloseEveryCallIsRefused() throws IOException {
    directory.close();
    directory.close();

    fails(() -> directory.status(""), Errno.EBADF, "statx " + root);
    fails(() -> directory.status("x"), Errno.EBADF, "statx " + root);
    fails(() -> directory.makeDirectory("x", 0755), Errno.EBADF, "mkdirat " + root);
    fails(directory::names, Errno.EBADF, "getdents64 " + root);
    fails(directory::sync, Errno.EBADF, "fsync " + root);
    fails(directory::space, Errno.EBADF, "fstatfs " + root);
  }

  @Test
  void knowsItsPath() throws IOException {
    directory.makeDirectory("17", 0755);
    try (Directory inner = directory.openDirectory("17")) {
      assertThat(inner.path()).isEqualTo(root.resolve("17"));
    }
  }

  @Test
  void leaksNoDescriptor() throws IOException {
    directory.makeDirectory("17", 0755);
    long before = TestTrees.openDescriptors();

    for (int i = 0; i < 100; i++) {
      directory.makeDirectory("17/fs", 0700);
      directory.openDirectory("17/fs").close();
      directory.names();
      directory.removeDirectory("17/fs");
      assertThatThrownBy(() -> directory.status("17/absent/x")).isInstanceOf(PosixException.class);
    }

    assertThat(TestTrees.openDescriptors()).isLessThanOrEqualTo(before);
  }

  private static long attribute(Path path, String name) throws IOException {
    Object value = Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    return ((Number) value).longValue();
  }

  private static void fails(ThrowingCallable call, Errno errno, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PosixException.class, exception -> assertThat(exception.is(errno)).isTrue())
        .hasMessageStartingWith(message);
  }
}
