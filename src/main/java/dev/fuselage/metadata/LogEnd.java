package dev.fuselage.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Tells a torn end of RocksDB's write-ahead log from damage in its middle.
 *
 * <p>When the power fails while a record is written, any part of it may be on disk. Nobody was told
 * that it is durable, so it may be dropped. The store has one writer, and syncs each record before
 * it writes the next: so where a good record follows a bad one, what was bad had been synced, and
 * is lost.
 *
 * <p>The format is that of RocksDB's {@code db/log_format.h}: blocks of 32 KiB, in them records, or
 * parts of records that are longer; each begins with a masked CRC-32C of what follows the length,
 * its length, both little endian, and a type. Log files are never used twice here, and behind the
 * last record there may be zeros, which {@link LogRoom} puts there.
 */
final class LogEnd {
  private static final int BLOCK_BYTES = 32 << 10;
  private static final int HEADER_BYTES = 7;
  private static final int TYPE_AT = 6;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;

  private LogEnd() {}

  /** Whether there is something bad in the logs of a directory, and nothing good behind it. */
  static boolean isTorn(Path directory) throws IOException {
    boolean bad = false;
    for (Path log : logs(directory)) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(log)).order(ByteOrder.LITTLE_ENDIAN);
      int at = 0;
      if (!bad) {
        at = firstBad(bytes);
        bad = at < bytes.limit();
      }
      if (bad && hasRecord(bytes, at)) {
        return false;
      }
    }
    return bad;
  }

  /** The logs of a directory, in the order in which they were written. */
  static List<Path> logs(Path directory) throws IOException {
    List<Path> logs = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.log")) {
      found.forEach(logs::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    // Numbers of a fixed width.
    Collections.sort(logs);
    return logs;
  }

  /** Where the first record lies that is not as it was written; the limit if all are. */
  private static int firstBad(ByteBuffer bytes) {
    boolean whole = true;
    int at = 0;
    while (at < bytes.limit()) {
      int left = BLOCK_BYTES - at % BLOCK_BYTES;
      if (left < HEADER_BYTES) {
        at += left;
      } else if (isGood(bytes, at)) {
        int type = bytes.get(at + TYPE_AT);
        at += HEADER_BYTES + length(bytes, at);
        whole = type == FULL || type == LAST;
      } else {
        return whole && isZero(bytes, at) ? bytes.limit() : at;
      }
    }
    return at;
  }

  private static boolean isZero(ByteBuffer bytes, int from) {
    for (int at = from; at < bytes.limit(); at++) {
      if (bytes.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether a whole record, or the beginning of one, lies anywhere from here on. */
  private static boolean hasRecord(ByteBuffer bytes, int from) {
    for (int at = from; at + HEADER_BYTES <= bytes.limit(); at++) {
      int type = bytes.get(at + TYPE_AT);
      if ((type == FULL || type == FIRST) && isGood(bytes, at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isGood(ByteBuffer bytes, int at) {
    if (at + HEADER_BYTES > bytes.limit()) {
      return false;
    }
    int length = length(bytes, at);
    int type = bytes.get(at + TYPE_AT);
    if (type < FULL
        || type > LAST
        || at % BLOCK_BYTES + HEADER_BYTES + length > BLOCK_BYTES
        || at + HEADER_BYTES + length > bytes.limit()) {
      return false;
    }
    CRC32C sum = new CRC32C();
    sum.update(bytes.array(), at + TYPE_AT, 1 + length);
    return bytes.getInt(at) == masked((int) sum.getValue());
  }

  private static int length(ByteBuffer bytes, int at) {
    return Short.toUnsignedInt(bytes.getShort(at + Integer.BYTES));
  }

  /** As RocksDB stores checksums, so that sums of sums are no problem. */
  private static int masked(int sum) {
    return Integer.rotateRight(sum, 15) + 0xa282ead8;
  }
}
