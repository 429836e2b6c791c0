package dev.fuselage.grpc;

import com.google.protobuf.Timestamp;
import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.grpc.admin.proto.Backup;
import dev.fuselage.grpc.admin.proto.RebuildResponse;
import dev.fuselage.grpc.admin.proto.StoreProgress;
import dev.fuselage.snapshot.SnapshotId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

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

  static StoreProgress of(StoreCare.Progress progress) {
    StoreProgress.Step step =
        switch (progress.step()) {
          case RESTORE -> StoreProgress.Step.STEP_RESTORE;
          case READ_RECORDS -> StoreProgress.Step.STEP_READ_RECORDS;
          case WRITE -> StoreProgress.Step.STEP_WRITE;
          case CHECK_BLOCKS -> StoreProgress.Step.STEP_CHECK_BLOCKS;
          case READ_SNAPSHOTS -> StoreProgress.Step.STEP_READ_SNAPSHOTS;
        };
    return StoreProgress.newBuilder()
        .setStep(step)
        .setDone(progress.done())
        .setOf(progress.of())
        .build();
  }

  /** Hands over what a message tells; a step that a later version has is left out. */
  static void tell(StoreProgress message, Consumer<StoreCare.Progress> listener) {
    Optional<StoreCare.Step> step =
        switch (message.getStep()) {
          case STEP_RESTORE -> Optional.of(StoreCare.Step.RESTORE);
          case STEP_READ_RECORDS -> Optional.of(StoreCare.Step.READ_RECORDS);
          case STEP_WRITE -> Optional.of(StoreCare.Step.WRITE);
          case STEP_CHECK_BLOCKS -> Optional.of(StoreCare.Step.CHECK_BLOCKS);
          case STEP_READ_SNAPSHOTS -> Optional.of(StoreCare.Step.READ_SNAPSHOTS);
          case STEP_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    step.ifPresent(
        known ->
            listener.accept(new StoreCare.Progress(known, message.getDone(), message.getOf())));
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
