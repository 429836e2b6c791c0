package dev.fuselage.metadata;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fuselage.metadata.proto.SnapshotRecord;
import dev.fuselage.metadata.proto.Time;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.TreeDigest;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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
   * @throws SnapshotException UNAVAILABLE, if the bytes are no record
   */
  static Snapshot decode(String key, byte[] bytes) {
    try {
      return decode(key, SnapshotRecord.parseFrom(bytes));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE,
          "the record of snapshot " + Quote.of(key) + " is damaged",
          e);
    }
  }

  /**
   * The snapshot of a record.
   *
   * @throws IllegalArgumentException if it says what no snapshot can be
   */
  static Snapshot decode(String key, SnapshotRecord proto) {
    SnapshotId id = new SnapshotId(proto.getId());
    Ancestry ancestry = ancestry(proto);
    Labels labels = Labels.stored(proto.getLabelsMap());
    Instant created = instant(proto.getCreated());
    Instant updated = instant(proto.getUpdated());
    return switch (proto.getKind()) {
      case KIND_VIEW -> new Snapshot.View(id, key, ancestry, labels, created, updated);
      case KIND_ACTIVE -> new Snapshot.Active(id, key, ancestry, labels, created, updated);
      case KIND_COMMITTED ->
          new Snapshot.Committed(
              id,
              key,
              ancestry,
              labels,
              created,
              updated,
              new Usage(proto.getUsageBytes(), proto.getUsageInodes()),
              digest(proto));
      case KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown kind " + proto.getKindValue());
    };
  }

  private static Optional<TreeDigest> digest(SnapshotRecord proto) {
    return proto.hasTreeDigest()
        ? Optional.of(
            new TreeDigest(
                proto.getTreeDigest(),
                proto.hasContentsDigest()
                    ? OptionalLong.of(proto.getContentsDigest())
                    : OptionalLong.empty()))
        : Optional.empty();
  }

  private static Ancestry ancestry(SnapshotRecord proto) {
    if (proto.getAncestorIdsCount() == 0) {
      return Ancestry.NONE;
    }
    List<SnapshotId> ids = new ArrayList<>(proto.getAncestorIdsCount());
    for (int i = 0; i < proto.getAncestorIdsCount(); i++) {
      ids.add(new SnapshotId(proto.getAncestorIds(i)));
    }
    return new Ancestry(proto.getParent(), ids);
  }

  private static Time time(Instant instant) {
    return Time.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static Instant instant(Time time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
