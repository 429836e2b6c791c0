package dev.fuselage.metadata;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fuselage.metadata.proto.RecordEntry;
import dev.fuselage.snapshot.Snapshot;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The form of what is kept of a snapshot beside its files: entries one after the other, the last
 * one counts. Each is a mark, the length and the checksum of a message, and the message; so an
 * entry that a crash cut short is told from a whole one, and those behind it are found again.
 */
public final class RecordLog {
  private static final int MARK = 0x46534C52;
  private static final int HEAD = 3 * Integer.BYTES;

  private RecordLog() {}

  /**
   * What the log says of a snapshot in the end.
   *
   * @param announced it is a layer whose commit was under way: whether its data reached the disk is
   *     not known, nor its usage
   * @param quarantine why it is in quarantine; empty if it is not
   */
  public record Entry(Snapshot snapshot, boolean announced, Optional<String> quarantine) {}

  /**
   * The entry of a snapshot as the store has it.
   *
   * @param quarantine why it is in quarantine; empty if it is not
   */
  public static byte[] entry(Snapshot snapshot, Optional<String> quarantine) {
    return framed(snapshot, false, quarantine);
  }

  /** The entry of a layer that a commit is about to make. */
  public static byte[] announcement(Snapshot.Committed layer) {
    return framed(layer, true, Optional.empty());
  }

  private static byte[] framed(Snapshot snapshot, boolean announced, Optional<String> quarantine) {
    byte[] message =
        RecordEntry.newBuilder()
            .setKey(snapshot.key())
            .setRecord(SnapshotCodec.message(snapshot))
            .setAnnounced(announced)
            .setQuarantine(quarantine.orElse(""))
            .build()
            .toByteArray();
    return ByteBuffer.allocate(HEAD + message.length)
        .putInt(MARK)
        .putInt(message.length)
        .putInt(checksum(message, 0, message.length))
        .put(message)
        .array();
  }

  /** The last whole entry; empty if there is none. */
  public static Optional<Entry> last(byte[] log) {
    ByteBuffer buffer = ByteBuffer.wrap(log);
    Optional<Entry> last = Optional.empty();
    int position = 0;
    while (position + HEAD <= log.length) {
      Optional<Entry> entry = at(buffer, position);
      if (entry.isPresent()) {
        last = entry;
        position += HEAD + buffer.getInt(position + Integer.BYTES);
      } else {
        position++;
      }
    }
    return last;
  }

  private static Optional<Entry> at(ByteBuffer log, int position) {
    if (log.getInt(position) != MARK) {
      return Optional.empty();
    }
    int length = log.getInt(position + Integer.BYTES);
    int start = position + HEAD;
    if (length < 0
        || length > log.capacity() - start
        || checksum(log.array(), start, length) != log.getInt(start - Integer.BYTES)) {
      return Optional.empty();
    }
    try {
      RecordEntry entry = RecordEntry.parseFrom(log.slice(start, length));
      return Optional.of(
          new Entry(
              SnapshotCodec.decode(entry.getKey(), entry.getRecord().toByteArray()),
              entry.getAnnounced(),
              Optional.of(entry.getQuarantine()).filter(reason -> !reason.isEmpty())));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // Written by a later version, whose format this root would not have.
      return Optional.empty();
    }
  }

  private static int checksum(byte[] bytes, int start, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, start, length);
    return (int) checksum.getValue();
  }
}
