package dev.fuselage.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A column family with the types of its keys and values, so that no bytes leave this package.
 *
 * @param <K> keys; ids are eight bytes, big-endian, so that they sort as numbers
 * @param <V> values
 */
record Column<K, V>(
    String name,
    Function<K, byte[]> encodeKey,
    Function<byte[], K> decodeKey,
    Function<V, byte[]> encodeValue,
    BiFunction<K, byte[], V> decodeValue) {

  /** Snapshots by key or name. */
  static final Column<String, Snapshot> SNAPSHOTS =
      new Column<>(
          "snapshots",
          key -> key.getBytes(UTF_8),
          bytes -> new String(bytes, UTF_8),
          SnapshotCodec::encode,
          SnapshotCodec::decode);

  /** For each parent its children; the value is the child's key, which only a person reads. */
  static final Column<Link, String> CHILDREN =
      new Column<>(
          "children", Link::encode, Link::decode, Column::text, (link, text) -> text(text));

  /** Why a snapshot is not to be used. */
  static final Column<SnapshotId, String> QUARANTINE =
      new Column<>("quarantine", Column::id, Column::id, Column::text, (id, text) -> text(text));

  /** Single numbers by name. */
  static final Column<String, Long> NUMBERS =
      new Column<>(
          "numbers",
          Column::text,
          Column::text,
          number -> ByteBuffer.allocate(Long.BYTES).putLong(number).array(),
          (name, bytes) -> ByteBuffer.wrap(bytes).getLong());

  static final List<Column<?, ?>> ALL = List.of(SNAPSHOTS, CHILDREN, QUARANTINE, NUMBERS);

  /** A child of a parent. */
  record Link(SnapshotId parent, SnapshotId child) {
    private byte[] encode() {
      return ByteBuffer.allocate(2 * Long.BYTES)
          .putLong(parent.value())
          .putLong(child.value())
          .array();
    }

    private static Link decode(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Link(new SnapshotId(buffer.getLong()), new SnapshotId(buffer.getLong()));
    }
  }

  /** What the keys of all children of a parent begin with. */
  static byte[] childrenOf(SnapshotId parent) {
    return id(parent);
  }

  private static byte[] id(SnapshotId id) {
    return ByteBuffer.allocate(Long.BYTES).putLong(id.value()).array();
  }

  private static SnapshotId id(byte[] bytes) {
    return new SnapshotId(ByteBuffer.wrap(bytes).getLong());
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
