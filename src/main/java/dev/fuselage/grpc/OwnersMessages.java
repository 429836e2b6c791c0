package dev.fuselage.grpc;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.fuselage.admin.Holding;
import dev.fuselage.admin.OverLimit;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.grpc.admin.proto.DiskUsage;
import dev.fuselage.grpc.admin.proto.FileSystem;
import dev.fuselage.grpc.admin.proto.KindSum;
import dev.fuselage.grpc.admin.proto.OwnedSnapshot;
import dev.fuselage.grpc.admin.proto.OwnersResponse;
import dev.fuselage.grpc.admin.proto.PartUsage;
import dev.fuselage.grpc.admin.proto.SnapshotOverLimit;
import dev.fuselage.grpc.admin.proto.Sum;
import dev.fuselage.grpc.admin.proto.UnclaimedSnapshot;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A report on owners in the message of our own service, and back. */
final class OwnersMessages {
  private OwnersMessages() {}

  static OwnersResponse of(Report report) {
    OwnersResponse.Builder message =
        OwnersResponse.newBuilder()
            .setMade(of(report.made()))
            .setLive(report.live())
            .setOthers(of(report.others()))
            .setQuarantined(report.quarantined())
            .setFileSystem(of(report.fileSystem()))
            .setOldest(of(report.oldest()))
            .setTook(of(report.took()))
            .setUnmeasured(report.gaps().unmeasured())
            .setUnreadable(report.gaps().unreadable());
    report.holdings().forEach(holding -> message.addHoldings(of(holding)));
    report
        .kinds()
        .forEach(
            (kind, sum) ->
                message.addKinds(KindSum.newBuilder().setKind(kind.label()).setSum(of(sum))));
    report.snapshots().forEach(row -> message.addSnapshots(of(row)));
    report.unclaimed().forEach(unclaimed -> message.addUnclaimed(of(unclaimed)));
    report
        .overLimit()
        .forEach(
            over ->
                message.addOverLimit(
                    SnapshotOverLimit.newBuilder()
                        .setSnapshot(of(over.snapshot()))
                        .setLimit(over.limit())));
    report
        .own()
        .forEach(
            (part, usage) ->
                message.addOwn(PartUsage.newBuilder().setPart(part.label()).setUsage(of(usage))));
    return message.build();
  }

  static Report toReport(OwnersResponse message) {
    Map<Kind, Report.Sum> kinds = new EnumMap<>(Kind.class);
    message
        .getKindsList()
        .forEach(
            sum -> kinds.put(known(sum.getKind(), Kind.values(), Kind::label), to(sum.getSum())));
    Map<Report.Part, Usage> own = new EnumMap<>(Report.Part.class);
    message
        .getOwnList()
        .forEach(
            part ->
                own.put(
                    known(part.getPart(), Report.Part.values(), Report.Part::label),
                    to(part.getUsage())));
    return new Report(
        to(message.getMade()),
        message.getLive(),
        message.getHoldingsList().stream().map(OwnersMessages::to).toList(),
        kinds,
        message.getSnapshotsList().stream().map(OwnersMessages::to).toList(),
        to(message.getOthers()),
        message.getUnclaimedList().stream().map(OwnersMessages::to).toList(),
        message.getOverLimitList().stream()
            .map(over -> new OverLimit(to(over.getSnapshot()), over.getLimit()))
            .toList(),
        message.getQuarantined(),
        own,
        to(message.getFileSystem()),
        to(message.getOldest()),
        to(message.getTook()),
        new Report.Gaps(message.getUnmeasured(), message.getUnreadable()));
  }

  private static dev.fuselage.grpc.admin.proto.Holding of(Holding holding) {
    return dev.fuselage.grpc.admin.proto.Holding.newBuilder()
        .setOwner(of(holding.owner()))
        .setEntries(holding.entries())
        .setUsage(of(holding.usage()))
        .setShared(of(holding.shared()))
        .build();
  }

  private static Holding to(dev.fuselage.grpc.admin.proto.Holding message) {
    return new Holding(
        to(message.getOwner()),
        message.getEntries(),
        to(message.getUsage()),
        to(message.getShared()));
  }

  static dev.fuselage.grpc.admin.proto.Owner of(Owner owner) {
    return dev.fuselage.grpc.admin.proto.Owner.newBuilder()
        .setKind(owner.kind().label())
        .setNamespace(owner.namespace())
        .setName(owner.name())
        .build();
  }

  static Owner to(dev.fuselage.grpc.admin.proto.Owner message) {
    return new Owner(
        known(message.getKind(), OwnerKind.values(), OwnerKind::label),
        message.getNamespace(),
        message.getName());
  }

  private static OwnedSnapshot of(SnapshotRow row) {
    return OwnedSnapshot.newBuilder()
        .setKey(row.key())
        .setKind(row.kind().label())
        .setOwner(of(row.owner()))
        .setUsage(of(row.usage()))
        .setCreated(of(row.created()))
        .build();
  }

  private static SnapshotRow to(OwnedSnapshot message) {
    return new SnapshotRow(
        message.getKey(),
        known(message.getKind(), Kind.values(), Kind::label),
        to(message.getOwner()),
        to(message.getUsage()),
        to(message.getCreated()));
  }

  private static UnclaimedSnapshot of(Unclaimed unclaimed) {
    UnclaimedSnapshot.Builder message =
        UnclaimedSnapshot.newBuilder()
            .setSnapshot(of(unclaimed.snapshot()))
            .setSince(of(unclaimed.since()))
            .setChildren(unclaimed.children());
    unclaimed.known().ifPresent(message::setKnown);
    unclaimed.command().ifPresent(message::setCommand);
    return message.build();
  }

  private static Unclaimed to(UnclaimedSnapshot message) {
    return new Unclaimed(
        to(message.getSnapshot()),
        to(message.getSince()),
        message.getChildren(),
        message.hasKnown() ? Optional.of(message.getKnown()) : Optional.empty(),
        message.hasCommand() ? Optional.of(message.getCommand()) : Optional.empty());
  }

  private static Sum of(Report.Sum sum) {
    return Sum.newBuilder().setCount(sum.count()).setUsage(of(sum.usage())).build();
  }

  private static Report.Sum to(Sum message) {
    return new Report.Sum(message.getCount(), to(message.getUsage()));
  }

  private static DiskUsage of(Usage usage) {
    return DiskUsage.newBuilder().setBytes(usage.bytes()).setInodes(usage.inodes()).build();
  }

  private static Usage to(DiskUsage message) {
    return new Usage(message.getBytes(), message.getInodes());
  }

  private static FileSystem of(Report.FileSystem disk) {
    return FileSystem.newBuilder()
        .setTotalBytes(disk.totalBytes())
        .setFreeBytes(disk.freeBytes())
        .setTotalInodes(disk.totalInodes())
        .setFreeInodes(disk.freeInodes())
        .build();
  }

  private static Report.FileSystem to(FileSystem message) {
    return new Report.FileSystem(
        message.getTotalBytes(),
        message.getFreeBytes(),
        message.getTotalInodes(),
        message.getFreeInodes());
  }

  private static Timestamp of(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static Instant to(Timestamp message) {
    return Instant.ofEpochSecond(message.getSeconds(), message.getNanos());
  }

  private static Duration of(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static java.time.Duration to(Duration message) {
    return java.time.Duration.ofSeconds(message.getSeconds(), message.getNanos());
  }

  /** The constant of a word; a server of another version may use one that is unknown here. */
  private static <E> E known(String word, E[] constants, Function<E, String> label) {
    for (E constant : constants) {
      if (label.apply(constant).equals(word)) {
        return constant;
      }
    }
    throw new SnapshotException(
        SnapshotException.Code.UNAVAILABLE,
        "the server speaks of \"" + word + "\", which is unknown here");
  }
}
