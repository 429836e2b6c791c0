package dev.fuselage.grpc;

import com.google.protobuf.Timestamp;
import dev.fuselage.grpc.proto.UsageResponse;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The domain's words in containerd's messages, and back. */
final class Messages {
  private Messages() {}

  static Info toInfo(dev.fuselage.grpc.proto.Info message) {
    return new Info(
        message.getName(),
        message.getParent(),
        toKind(message.getKind()),
        Labels.of(message.getLabelsMap()),
        toInstant(message.getCreatedAt()),
        toInstant(message.getUpdatedAt()));
  }

  static List<dev.fuselage.grpc.proto.Mount> of(List<Mount> mounts) {
    List<dev.fuselage.grpc.proto.Mount> messages = new ArrayList<>(mounts.size());
    for (Mount mount : mounts) {
      messages.add(
          dev.fuselage.grpc.proto.Mount.newBuilder()
              .setType(mount.type())
              .setSource(mount.source())
              .addAllOptions(mount.options())
              .build());
    }
    return messages;
  }

  static List<Mount> toMounts(List<dev.fuselage.grpc.proto.Mount> messages) {
    return messages.stream()
        .map(message -> new Mount(message.getType(), message.getSource(), message.getOptionsList()))
        .toList();
  }

  static UsageResponse of(Usage usage) {
    return UsageResponse.newBuilder().setSize(usage.bytes()).setInodes(usage.inodes()).build();
  }

  static Usage toUsage(UsageResponse message) {
    return new Usage(message.getSize(), message.getInodes());
  }

  static dev.fuselage.grpc.proto.Kind of(Kind kind) {
    return switch (kind) {
      case VIEW -> dev.fuselage.grpc.proto.Kind.VIEW;
      case ACTIVE -> dev.fuselage.grpc.proto.Kind.ACTIVE;
      case COMMITTED -> dev.fuselage.grpc.proto.Kind.COMMITTED;
    };
  }

  private static Kind toKind(dev.fuselage.grpc.proto.Kind kind) {
    return switch (kind) {
      case VIEW -> Kind.VIEW;
      case ACTIVE -> Kind.ACTIVE;
      case COMMITTED -> Kind.COMMITTED;
      case UNKNOWN, UNRECOGNIZED ->
          throw new SnapshotException(
              SnapshotException.Code.UNAVAILABLE,
              "the server speaks of a kind of snapshot that is unknown here");
    };
  }

  private static Instant toInstant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
