package dev.fuselage.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Where our part of containerd's configuration stands, or somebody else's file in its place. */
record DropInFile(Path path) {
  boolean exists() {
    return Files.exists(path);
  }

  /** Whether it is there and was not written by us. */
  boolean isForeign() throws IOException {
    return exists() && !Files.readString(path).startsWith(DropIn.MARK);
  }

  /** Whether it is there, ours, and only waits for its end. */
  boolean isLeaving() throws IOException {
    return exists() && Files.readString(path).startsWith(DropIn.MARK_LEAVING);
  }

  /** Whether anything in it points to the proxy plugin. */
  boolean pointsToUs() throws IOException {
    return DropIn.pointsToUs(Toml.read(path));
  }

  /** Replaces it as a whole. One that is right already is left alone: its time tells since when. */
  void keep(String text) throws IOException {
    if (exists() && Files.readString(path).equals(text)) {
      return;
    }
    Files.createDirectories(path.toAbsolutePath().getParent());
    // No pattern of an import ends so.
    Path written = path.resolveSibling("." + path.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            written,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(written, path, StandardCopyOption.ATOMIC_MOVE);
  }

  void delete() throws IOException {
    Files.delete(path);
  }
}
