package dev.fuselage.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jboss.logging.Logger;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.MemTableInfo;

/**
 * Keeps RocksDB's write-ahead log longer than what is in it, by zeros, so that a record is written
 * over bytes that the file has already.
 *
 * <p>A sync of a file that has grown must commit its new length too, and on a file system with a
 * journal all else that waits in that journal; a sync of bytes that were written over does not.
 * RocksDB's own preallocation does not help, since it leaves the length as it is. Its {@code
 * db/log_format.h} reserves the record type zero for files that are preallocated, and recovery
 * passes over such bytes; {@link LogEnd} does likewise.
 *
 * <p>Only who writes records may call this, and not while one is written: zeros are put behind the
 * file's end, so nothing may be appended meanwhile. RocksDB cuts a log to what is in it when it
 * begins the next one.
 */
final class LogRoom extends AbstractEventListener {
  private static final Logger LOG = Logger.getLogger(LogRoom.class);

  private static final int ROOM_BYTES = 256 << 10;
  private static final int STEP_BYTES = 32 << 10;

  /**
   * More than the log adds to a key and a value: the record's header, lengths, a column's number.
   */
  private static final int OVERHEAD_BYTES = 40;

  private final Path directory;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP_BYTES);
  private long left;

  /** With each table in memory that is full, a log ends. */
  private volatile boolean begun = true;

  LogRoom(Path directory) {
    super(EnabledEventCallback.ON_MEMTABLE_SEALED);
    this.directory = directory;
  }

  @Override
  public void onMemTableSealed(MemTableInfo info) {
    begun = true;
  }

  /** A record that is about to be written holds so many bytes more. */
  void expect(int bytes) {
    left -= bytes + OVERHEAD_BYTES;
  }

  /** Makes room, if there is none for what is expected. */
  void ensure() {
    if (!begun && left >= 0) {
      return;
    }
    begun = false;
    left = ROOM_BYTES;
    try {
      List<Path> logs = LogEnd.logs(directory);
      // Somebody may have deleted them under us: what is open goes on.
      if (!logs.isEmpty()) {
        lengthen(logs.getLast());
      }
    } catch (IOException e) {
      // Whether the record itself can be written is for RocksDB to say.
      LOG.debugf("op=log cannot make room ahead: %s", e.getMessage());
    }
  }

  private void lengthen(Path log) throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
      long end = channel.size();
      try {
        for (long at = end; at < end + ROOM_BYTES; at += channel.write(zeros, at)) {
          zeros.clear();
        }
      } catch (IOException e) {
        // What little space there is belongs to records.
        channel.truncate(end);
        throw e;
      }
    }
  }
}
