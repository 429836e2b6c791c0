package dev.fuselage.grpc;

import com.google.protobuf.Timestamp;
import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.grpc.admin.proto.Backup;
import dev.fuselage.grpc.admin.proto.RebuildResponse;
import dev.fuselage.snapshot.SnapshotId;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** What is said of the store in the messages of our own service, and back. */
final class StoreMessages {
  private StoreMessages() {}

  static Backup of(StoreCare.Backup backup) {
    return Backup.newBuilder()
        .setId(backup.id())
        .setMade(Timestamp.newBuilder().setSeconds(backup.made().getEpochSecond()))
        .setBytes(backup.bytes())
        .setReason(backup.reason())
        .build();
  }

  static StoreCare.Backup toBackup(Backup message) {
    return new StoreCare.Backup(
        message.getId(),
        Instant.ofEpochSecond(message.getMade().getSeconds()),
        message.getBytes(),
        message.getReason());
  }

  static RebuildResponse of(RebuildReport report) {
    RebuildResponse.Builder message =
        RebuildResponse.newBuilder()
            .setCommitted(report.committed())
            .setActive(report.active())
            .setViews(report.views())
            .addAllGone(report.gone())
            .setAside(report.aside());
    report.doubtful().forEach((id, why) -> message.putDoubtful(id.value(), why));
    report.refused().forEach((id, why) -> message.putRefused(id.value(), why));
    return message.build();
  }

  static RebuildReport toReport(RebuildResponse message) {
    return new RebuildReport(
        message.getCommitted(),
        message.getActive(),
        message.getViews(),
        byId(message.getDoubtfulMap()),
        byId(message.getRefusedMap()),
        message.getGoneList(),
        message.getAside());
  }

  private static Map<SnapshotId, String> byId(Map<Long, String> reasons) {
    Map<SnapshotId, String> byId = new TreeMap<>();
    reasons.forEach((id, why) -> byId.put(new SnapshotId(id), why));
    return byId;
  }
}
