package dev.fuselage.metadata;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.fuselage.metadata.proto.SnapshotRecord;
import dev.fuselage.metadata.proto.Time;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.TreeDigest;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a {@link SnapshotRecord} without making one, since containerd asks for every snapshot every
 * few seconds, and labels are then mostly {@linkplain WireLabels passed on}. As protobuf has it,
 * fields may come in any order, the last value of one counts, and unknown ones are passed over.
 */
final class RecordReader {
  private static final int VARINT = WireFormat.WIRETYPE_VARINT;
  private static final int FIXED64 = WireFormat.WIRETYPE_FIXED64;
  private static final int DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private static final int ID = SnapshotRecord.ID_FIELD_NUMBER << 3 | VARINT;
  private static final int KIND = SnapshotRecord.KIND_FIELD_NUMBER << 3 | VARINT;
  private static final int PARENT = SnapshotRecord.PARENT_FIELD_NUMBER << 3 | DELIMITED;
  private static final int ANCESTOR = SnapshotRecord.ANCESTOR_IDS_FIELD_NUMBER << 3 | VARINT;
  private static final int ANCESTORS = SnapshotRecord.ANCESTOR_IDS_FIELD_NUMBER << 3 | DELIMITED;
  private static final int LABEL = SnapshotRecord.LABELS_FIELD_NUMBER << 3 | DELIMITED;
  private static final int CREATED = SnapshotRecord.CREATED_FIELD_NUMBER << 3 | DELIMITED;
  private static final int UPDATED = SnapshotRecord.UPDATED_FIELD_NUMBER << 3 | DELIMITED;
  private static final int BYTES = SnapshotRecord.USAGE_BYTES_FIELD_NUMBER << 3 | VARINT;
  private static final int INODES = SnapshotRecord.USAGE_INODES_FIELD_NUMBER << 3 | VARINT;
  private static final int DIGEST = SnapshotRecord.TREE_DIGEST_FIELD_NUMBER << 3 | FIXED64;
  private static final int CONTENTS = SnapshotRecord.CONTENTS_DIGEST_FIELD_NUMBER << 3 | FIXED64;

  private static final int SECONDS = Time.SECONDS_FIELD_NUMBER << 3 | VARINT;
  private static final int NANOS = Time.NANOS_FIELD_NUMBER << 3 | VARINT;

  private final CodedInputStream in;
  private final WireLabels.Builder labels;
  private final List<SnapshotId> ancestors = new ArrayList<>();
  private long id;
  private int kind;
  private String parent = "";
  private Instant created = Instant.EPOCH;
  private Instant updated = Instant.EPOCH;
  private long bytes;
  private long inodes;
  private Optional<Long> digest = Optional.empty();
  private OptionalLong contents = OptionalLong.empty();

  RecordReader(byte[] record) {
    in = CodedInputStream.newInstance(record);
    labels = new WireLabels.Builder(record);
  }

  /**
   * Reads all of it.
   *
   * @throws IOException if it is no record
   */
  RecordReader read() throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case ID -> id = in.readUInt64();
        case KIND -> kind = in.readEnum();
        case PARENT -> parent = in.readStringRequireUtf8();
        case ANCESTOR -> ancestors.add(new SnapshotId(in.readUInt64()));
        case ANCESTORS -> readAncestors();
        case LABEL -> labels.skipEntry(in);
        case CREATED -> created = readTime();
        case UPDATED -> updated = readTime();
        case BYTES -> bytes = in.readUInt64();
        case INODES -> inodes = in.readUInt64();
        case DIGEST -> digest = Optional.of(in.readFixed64());
        case CONTENTS -> contents = OptionalLong.of(in.readFixed64());
        default -> skip(tag);
      }
    }
    return this;
  }

  private void skip(int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("a group ends that did not begin");
    }
  }

  private void readAncestors() throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      ancestors.add(new SnapshotId(in.readUInt64()));
    }
    in.popLimit(limit);
  }

  private Instant readTime() throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    long seconds = 0;
    int nanos = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case SECONDS -> seconds = in.readInt64();
        case NANOS -> nanos = in.readInt32();
        default -> skip(tag);
      }
    }
    in.popLimit(limit);
    return Instant.ofEpochSecond(seconds, nanos);
  }

  /**
   * What the record says.
   *
   * @throws IllegalArgumentException if no snapshot can be so
   */
  Snapshot snapshot(String key) {
    SnapshotId number = new SnapshotId(id);
    Ancestry ancestry = ancestors.isEmpty() ? Ancestry.NONE : new Ancestry(parent, ancestors);
    Labels all = labels.build();
    return switch (kind) {
      case SnapshotRecord.Kind.KIND_VIEW_VALUE ->
          new Snapshot.View(number, key, ancestry, all, created, updated);
      case SnapshotRecord.Kind.KIND_ACTIVE_VALUE ->
          new Snapshot.Active(number, key, ancestry, all, created, updated);
      case SnapshotRecord.Kind.KIND_COMMITTED_VALUE ->
          new Snapshot.Committed(
              number,
              key,
              ancestry,
              all,
              created,
              updated,
              new Usage(bytes, inodes),
              digest.map(metadata -> new TreeDigest(metadata, contents)));
      default -> throw new IllegalArgumentException("unknown kind " + kind);
    };
  }
}
