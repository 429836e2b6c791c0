package dev.fuselage.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Finds out whether a disk takes as much as it takes to open a store. */
final class WritingProbe {
  private static final int BYTES = 4 << 20;

  private WritingProbe() {}

  /**
   * Writes a file, puts it on the disk, and deletes it.
   *
   * @throws IOException why it can't be done
   */
  static void run(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer block = ByteBuffer.allocate(1 << 16);
      for (int written = 0; written < BYTES; written += block.capacity()) {
        while (block.hasRemaining()) {
          channel.write(block);
        }
        block.clear();
      }
      channel.force(true);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
