package dev.fuselage.overlay;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be said of the two configured paths by looking at them. */
final class PathChecks {
  static final String ROOT = "root path";
  static final String SOCKET = "socket path";

  /** What follows the socket's name while it is bound and not yet in its place. */
  static final String TEMPORARY = ".new";

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
    Path absolute = socket.toAbsolutePath();
    int bytes = (absolute + TEMPORARY).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > SOCKET_LIMIT) {
      return Finding.fatal(
          SOCKET,
          "%s has %d bytes with the %s of its temporary name, and the kernel takes %d"
              .formatted(absolute, bytes, TEMPORARY, SOCKET_LIMIT),
          "set fuselage.socket to a shorter path");
    }
    Path directory = nearestExisting(Optional.ofNullable(absolute.getParent()).orElse(absolute));
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      return Finding.fatal(
          SOCKET,
          absolute + " cannot be made: no right to write in " + directory,
          "give this user a directory for it, or set fuselage.socket to one that it has");
    }
    return Finding.ok(SOCKET, absolute.toString());
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
