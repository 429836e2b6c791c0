package dev.fuselage.overlay;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be said of the two configured paths by looking at them. */
final class PathChecks {
  static final String ROOT = "root path";
  static final String SOCKET = "socket path";

  /** Bytes of the name that the socket has, beside its place, until it is bound. */
  static final int TEMPORARY_NAME = 8;

  /** Of the kernel's 108 bytes one ends the path. */
  private static final int SOCKET_LIMIT = 107;

  /** They end a layer, end an option, escape the next character, end a line. */
  private static final Pattern BREAKS_OPTIONS = Pattern.compile("[:,\\\\\\p{Cntrl}]");

  private PathChecks() {}

  static Finding root(Path root) {
    Path absolute = root.toAbsolutePath();
    Matcher bad = BREAKS_OPTIONS.matcher(absolute.toString());
    if (bad.find()) {
      String found = bad.group().isBlank() ? "a control character" : bad.group();
      return Finding.fatal(
          ROOT,
          absolute + " contains " + found + ", which breaks mount options",
          "set fuselage.root to a path without : , \\ and control characters");
    }
    return Finding.ok(ROOT, absolute.toString());
  }

  static Finding socket(Path socket) {
    Path absolute = socket.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    if (parent == null) {
      return Finding.fatal(SOCKET, "/ is a directory", "set fuselage.socket to a file's path");
    }
    int bytes = Math.max(bytes(absolute), bytes(parent.resolve("x".repeat(TEMPORARY_NAME))));
    if (bytes > SOCKET_LIMIT) {
      return Finding.fatal(
          SOCKET,
          "%s takes %d bytes, its temporary name counted, and the kernel allows %d"
              .formatted(absolute, bytes, SOCKET_LIMIT),
          "set fuselage.socket to a shorter path");
    }
    Path directory = nearestExisting(parent);
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      return Finding.fatal(
          SOCKET,
          absolute + " cannot be made: no right to write in " + directory,
          "give this user a directory for it, or set fuselage.socket to one that it has");
    }
    return Finding.ok(SOCKET, absolute.toString());
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  /** The path, or the nearest above it that exists. */
  static Path nearestExisting(Path path) {
    Path nearest = path.toAbsolutePath().normalize();
    while (!Files.exists(nearest)) {
      Path parent = nearest.getParent();
      if (parent == null) {
        break;
      }
      nearest = parent;
    }
    return nearest;
  }
}
