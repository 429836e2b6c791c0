package dev.fuselage.grpc;

import dev.fuselage.grpc.UnusableSocketException.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file by which clients find the service. It appears in its place at once, with its mode and
 * with somebody who answers, because it is bound under a temporary name beside it and renamed.
 */
final class SocketFile {
  /** {@code sun_path} has 108 bytes, one of them for the terminating NUL. */
  static final int MOST_BYTES = 107;

  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private final Path path;
  private final Path temporary;
  private Map<String, Object> identity = Map.of();

  private SocketFile(Path path, Path temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /**
   * Makes sure that a socket may be put there, and makes its directory if that is missing.
   *
   * @throws UnusableSocketException if it may not
   */
  static SocketFile at(Path given) {
    Path path = given.toAbsolutePath().normalize();
    Path directory = path.getParent();
    if (directory == null) {
      throw new UnusableSocketException(
          Reason.NOT_A_SOCKET, "the socket's path is " + path + ", which is a directory");
    }
    // Eight letters: no longer than any name we are given in practice, and as good as unique.
    String name = Long.toString(ThreadLocalRandom.current().nextLong(1L << 35), 36);
    Path temporary = directory.resolve("." + "0".repeat(7 - name.length()) + name);
    checkLength(path);
    checkLength(temporary);
    makeDirectory(directory);
    checkPlace(path);
    return new SocketFile(path, temporary);
  }

  private static void checkLength(Path path) {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw new UnusableSocketException(
          Reason.TOO_LONG,
          "the socket's path %s takes %d bytes, the kernel allows %d: choose a shorter one"
              .formatted(path, bytes, MOST_BYTES));
    }
  }

  /** Mode 0711: whoever the socket's own mode lets in must get through, nobody needs a list. */
  private static void makeDirectory(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
      }
    } catch (IOException e) {
      throw new UnusableSocketException(
          Reason.NOT_WRITABLE, "the socket's directory " + directory + " can't be made: " + e, e);
    }
  }

  private static void checkPlace(Path path) {
    try {
      int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      if ((mode & TYPE) != SOCKET) {
        throw new UnusableSocketException(
            Reason.NOT_A_SOCKET,
            path + " is not a socket: move it away, or choose another path for the socket");
      }
      if (answers(path)) {
        throw new UnusableSocketException(
            Reason.IN_USE,
            "another process answers on "
                + path
                + ": stop it, or choose another path for the socket");
      }
    } catch (NoSuchFileException _) {
      // The ordinary case.
    } catch (IOException e) {
      throw new UnusableSocketException(
          Reason.NOT_WRITABLE, "the socket's path " + path + " can't be looked at: " + e, e);
    }
  }

  /** A place whose owner can't be asked, for want of permission say, counts as taken. */
  private static boolean answers(Path path) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // A full backlog would block us; so it says "pending", which is an answer too.
      channel.configureBlocking(false);
      boolean unused = channel.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException _) {
      return false;
    } catch (IOException _) {
      return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Where to bind. */
  Path temporary() {
    return temporary;
  }

  Path path() {
    return path;
  }

  /** Puts what was bound under the temporary name into its place, over a stale one. */
  void publish(int mode) throws IOException {
    // Followed, since the JDK would open what it must not follow, and nobody can open a socket.
    Files.setAttribute(temporary, "unix:mode", mode);
    identity = identity(temporary);
    Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Takes the file away if it is the one that was published. To be called while the socket is still
   * bound: that alone keeps its inode number from being given to another file.
   */
  void unlinkIfOurs() throws IOException {
    try {
      if (!identity.isEmpty() && identity.equals(identity(path))) {
        Files.delete(path);
      }
    } catch (NoSuchFileException _) {
      // Somebody was quicker.
    }
  }

  private static Map<String, Object> identity(Path path) throws IOException {
    return Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
  }
}
