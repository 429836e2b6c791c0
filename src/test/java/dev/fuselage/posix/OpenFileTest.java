package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
  @TempDir Path root;
  private Directory directory;

  @BeforeEach
  void open() throws IOException {
    directory = Directory.open(root);
    directory.makeDirectory("17", 0700);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void readsWhatWasWrittenAndAppended() throws IOException {
    byte[] large = new byte[200_000];
    new Random(1).nextBytes(large);
    try (OpenFile file = directory.createFile("17/record", 0600)) {
      file.write(large);
      file.sync();
      assertThat(file.size()).isEqualTo(large.length);
    }
    try (OpenFile file = directory.openToAppend("17/record")) {
      file.write(new byte[] {7});
    }

    assertThat(directory.status("17/record").permissions()).isEqualTo(0600);
    try (OpenFile file = directory.openToRead("17/record")) {
      assertThat(file.read(1 << 20)).startsWith(large).hasSize(large.length + 1).endsWith(7);
      assertThat(file.read(large.length + 1)).hasSize(large.length + 1);
    }
  }

  @Test
  void readsNoMoreThanItIsAllowed() throws IOException {
    Files.write(root.resolve("file"), new byte[11]);

    try (OpenFile file = directory.openToRead("file")) {
      assertThatThrownBy(() -> file.read(10))
          .isInstanceOfSatisfying(
              PosixException.class, e -> assertThat(e.is(Errno.EFBIG)).isTrue());
    }
  }

  @Test
  void aNewFileNeedsANewName() throws IOException {
    Files.createFile(root.resolve("taken"));

    assertThatThrownBy(() -> directory.createFile("taken", 0600))
        .isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue());
  }

  @Test
  void followsNoLink() throws IOException {
    Path outside = Files.writeString(root.resolve("outside"), "before");
    Files.createSymbolicLink(root.resolve("17/record"), outside);

    assertThatThrownBy(() -> directory.openToAppend("17/record"))
        .isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.is(Errno.ELOOP)).isTrue());
    assertThatThrownBy(() -> directory.openToRead("17/record"))
        .isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.is(Errno.ELOOP)).isTrue());
    assertThat(outside).hasContent("before");
  }

  @Test
  void takesTheSpaceThatItReserves() throws IOException {
    try (OpenFile file = directory.createFile("reserve", 0600)) {
      file.reserve(1 << 20);
    }

    assertThat(directory.status("reserve").blocks512() * 512).isGreaterThanOrEqualTo(1 << 20);
  }

  @Test
  void aReplacedFileIsTheNewOne() throws IOException {
    Files.writeString(root.resolve("17/record.new"), "new");
    Files.writeString(root.resolve("17/record"), "old");

    directory.replace("17/record.new", "17/record");

    assertThat(root.resolve("17/record")).hasContent("new");
    assertThat(root.resolve("17/record.new")).doesNotExist();
  }

  @Test
  void removesAFileAndNoDirectory() throws IOException {
    Files.createFile(root.resolve("file"));

    directory.removeFile("file");

    assertThat(root.resolve("file")).doesNotExist();
    assertThatThrownBy(() -> directory.removeFile("17"))
        .isInstanceOfSatisfying(PosixException.class, e -> assertThat(e.is(Errno.EISDIR)).isTrue());
  }
}
