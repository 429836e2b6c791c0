package dev.fuselage.grpc;

import com.google.protobuf.Timestamp;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Trash;
import dev.fuselage.grpc.admin.proto.BackOff;
import dev.fuselage.grpc.admin.proto.CleanupProgress;
import dev.fuselage.grpc.admin.proto.QuarantinedSnapshot;
import dev.fuselage.grpc.admin.proto.SnapshotUse;
import dev.fuselage.grpc.admin.proto.TrashTree;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.Optional;

/** An operator's words in the messages of our own service, and back. */
final class AdminMessages {
  private AdminMessages() {}

  static CleanupProgress of(Trash.Progress progress) {
    return CleanupProgress.newBuilder()
        .setTreesLeft(progress.treesLeft())
        .setTreesDeleted(progress.treesDeleted())
        .setEntriesDeleted(progress.entriesDeleted())
        .setTreesPostponed(progress.treesPostponed())
        .build();
  }

  static Trash.Progress toProgress(CleanupProgress message) {
    return new Trash.Progress(
        message.getTreesLeft(),
        message.getTreesDeleted(),
        message.getEntriesDeleted(),
        message.getTreesPostponed());
  }

  static TrashTree of(Trash.Tree tree) {
    TrashTree.Builder message =
        TrashTree.newBuilder().setName(tree.name()).setSince(of(tree.since()));
    tree.usage().ifPresent(usage -> message.setEntries(usage.inodes()).setBytes(usage.bytes()));
    tree.backOff().ifPresent(backOff -> message.setBackOff(of(backOff)));
    return message.build();
  }

  static Trash.Tree toTree(TrashTree message) {
    return new Trash.Tree(
        message.getName(),
        message.hasEntries()
            ? Optional.of(new Usage(message.getBytes(), message.getEntries()))
            : Optional.empty(),
        toInstant(message.getSince()),
        message.hasBackOff() ? Optional.of(toBackOff(message.getBackOff())) : Optional.empty());
  }

  private static BackOff of(Trash.BackOff backOff) {
    return BackOff.newBuilder()
        .setReason(backOff.reason())
        .setAttempts(backOff.attempts())
        .setNextAttempt(of(backOff.nextAttempt()))
        .build();
  }

  private static Trash.BackOff toBackOff(BackOff message) {
    return new Trash.BackOff(
        message.getReason(), message.getAttempts(), toInstant(message.getNextAttempt()));
  }

  static QuarantinedSnapshot of(Quarantine.Entry entry) {
    return QuarantinedSnapshot.newBuilder()
        .setId(entry.id().value())
        .setKey(entry.key())
        .setKind(entry.kind().map(Kind::label).orElse(""))
        .setReason(entry.reason())
        .addAllAbove(entry.above())
        .addAllUses(entry.uses().stream().map(AdminMessages::of).toList())
        .build();
  }

  static Quarantine.Entry toEntry(QuarantinedSnapshot message) {
    return new Quarantine.Entry(
        new SnapshotId(message.getId()),
        message.getKey(),
        toKind(message.getKind()),
        message.getReason(),
        message.getAboveList(),
        message.getUsesList().stream().map(AdminMessages::toUse).toList());
  }

  private static SnapshotUse of(Quarantine.Use use) {
    return SnapshotUse.newBuilder()
        .setOwner(OwnersMessages.of(use.owner()))
        .setCommand(use.command())
        .build();
  }

  private static Quarantine.Use toUse(SnapshotUse message) {
    return new Quarantine.Use(OwnersMessages.to(message.getOwner()), message.getCommand());
  }

  private static Optional<Kind> toKind(String label) {
    if (label.isEmpty()) {
      return Optional.empty();
    }
    for (Kind kind : Kind.values()) {
      if (kind.label().equals(label)) {
        return Optional.of(kind);
      }
    }
    throw new SnapshotException(
        SnapshotException.Code.UNAVAILABLE,
        "the server speaks of a kind of snapshot that is unknown here");
  }

  private static Timestamp of(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static Instant toInstant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
