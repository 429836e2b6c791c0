package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.fuselage.grpc.UnusableSocketException.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {
  @TempDir Path directory;

  private static ServerSocketChannel listener(Path path) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(path));
  }

  private void assertUnusable(Path path, Reason reason, String sentence) {
    assertThatThrownBy(() -> SocketFile.at(path))
        .asInstanceOf(type(UnusableSocketException.class))
        .satisfies(failure -> assertThat(failure.reason()).isEqualTo(reason))
        .satisfies(failure -> assertThat(failure).hasMessageContaining(sentence));
  }

  @Test
  void aPathOfAHundredAndSevenBytesIsTheLongest() {
    String below = directory + "/";
    Path longest = Path.of(below + "é" + "x".repeat(107 - 2 - below.length()));

    assertThatCode(() -> SocketFile.at(longest)).doesNotThrowAnyException();
    assertUnusable(Path.of(longest + "x"), Reason.TOO_LONG, "takes 108 bytes");
  }

  @Test
  void theTemporaryNameMustFitToo() {
    Path deep = directory.resolve("x".repeat(105 - directory.toString().length() - 1));

    assertUnusable(deep.resolve("s"), Reason.TOO_LONG, "takes 114 bytes");
    assertThat(deep).doesNotExist();
  }

  @Test
  void aMissingDirectoryIsMadeForPassingThroughOnly() throws IOException {
    SocketFile.at(directory.resolve("a/b/s"));

    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("a/b"))))
        .isEqualTo("rwx--x--x");
  }

  @Test
  void aDirectoryThatCanNotBeMadeIsToldOf() throws IOException {
    Files.createFile(directory.resolve("file"));

    assertUnusable(directory.resolve("file/s"), Reason.NOT_WRITABLE, "file");
  }

  @Test
  void aSocketThatAnswersIsLeftAlone() throws IOException {
    Path path = directory.resolve("s");
    try (ServerSocketChannel other = listener(path)) {
      assertUnusable(path, Reason.IN_USE, "another process answers on " + path);
      assertThat(path).exists();
      assertThat(other.isOpen()).isTrue();
    }
  }

  @Test
  void aSocketWhoseOwnerIsTooBusyToAcceptAnswersTheSame() throws IOException {
    Path path = directory.resolve("s");
    try (ServerSocketChannel other =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(path), 1)) {
      for (int i = 0; i < 4; i++) {
        assertUnusable(path, Reason.IN_USE, "another process answers");
      }
      assertThat(other.isOpen()).isTrue();
    }
  }

  @Test
  void whatIsNoSocketIsLeftAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "precious");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);

    assertUnusable(file, Reason.NOT_A_SOCKET, "is not a socket");
    assertUnusable(link, Reason.NOT_A_SOCKET, "is not a socket");
    assertUnusable(directory, Reason.NOT_A_SOCKET, "is not a socket");
    assertUnusable(Path.of("/"), Reason.NOT_A_SOCKET, "directory");
    assertThat(file).hasContent("precious");
  }

  @Test
  void aStaleSocketIsReplacedByOneWithItsMode() throws IOException {
    Path path = directory.resolve("s");
    listener(path).close();
    SocketFile file = SocketFile.at(path);

    try (ServerSocketChannel ours = listener(file.temporary())) {
      assertThat(ours.isOpen()).isTrue();
      file.publish(0640);
    }

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-r-----");
    assertThat(file.temporary()).doesNotExist();
  }

  @Test
  void onlyOurOwnFileIsUnlinked() throws IOException {
    Path path = directory.resolve("s");
    SocketFile file = SocketFile.at(path);
    try (ServerSocketChannel ours = listener(file.temporary())) {
      file.publish(0660);
      Files.delete(path);
      try (ServerSocketChannel others = listener(path)) {
        file.unlinkIfOurs();
        assertThat(path).exists();
        assertThat(others.isOpen()).isTrue();
      }
      Files.delete(path);
      file.unlinkIfOurs();
      assertThat(ours.isOpen()).isTrue();
    }
  }

  @Test
  void ourOwnFileIsUnlinked() throws IOException {
    Path path = directory.resolve("s");
    SocketFile file = SocketFile.at(path);
    try (ServerSocketChannel ours = listener(file.temporary())) {
      file.publish(0660);
      file.unlinkIfOurs();
      assertThat(ours.isOpen()).isTrue();
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void whatWasNeverPublishedIsNotUnlinked() throws IOException {
    Path path = directory.resolve("s");
    SocketFile file = SocketFile.at(path);
    try (ServerSocketChannel others = listener(path)) {
      file.unlinkIfOurs();
      assertThat(path).exists();
      assertThat(others.isOpen()).isTrue();
    }
  }
}
