package dev.fuselage.metadata;

import dev.fuselage.metadata.proto.SnapshotRecord;
import dev.fuselage.metadata.proto.Time;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;

/** Snapshots to and from the bytes that the store keeps under their keys. */
final class SnapshotCodec {
  private SnapshotCodec() {}

  static byte[] encode(Snapshot snapshot) {
    return message(snapshot).toByteArray();
  }

  static SnapshotRecord message(Snapshot snapshot) {
    SnapshotRecord.Builder proto =
        SnapshotRecord.newBuilder()
            .setId(snapshot.id().value())
            .setParent(snapshot.ancestry().parent())
            .putAllLabels(snapshot.labels().asMap())
            .setCreated(time(snapshot.created()))
            .setUpdated(time(snapshot.updated()));
    for (SnapshotId id : snapshot.ancestry().ids()) {
      proto.addAncestorIds(id.value());
    }
    switch (snapshot) {
      case Snapshot.View view -> proto.setKind(SnapshotRecord.Kind.KIND_VIEW);
      case Snapshot.Active active -> proto.setKind(SnapshotRecord.Kind.KIND_ACTIVE);
      case Snapshot.Committed committed -> {
        proto
            .setKind(SnapshotRecord.Kind.KIND_COMMITTED)
            .setUsageBytes(committed.usage().bytes())
            .setUsageInodes(committed.usage().inodes());
        committed
            .digest()
            .ifPresent(
                digest -> {
                  proto.setTreeDigest(digest.metadata());
                  digest.contents().ifPresent(proto::setContentsDigest);
                });
      }
    }
    return proto.build();
  }

  /**
   * The snapshot of a record.
   *
   * @param bytes never changed afterwards, since the labels are read from them when asked for
   * @throws SnapshotException UNAVAILABLE, if the bytes are no record
   */
  static Snapshot decode(String key, byte[] bytes) {
    try {
      return new RecordReader(bytes).read().snapshot(key);
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE,
          "the record of snapshot " + Quote.of(key) + " is damaged",
          e);
    }
  }

  private static Time time(Instant instant) {
    return Time.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
