package dev.fuselage.grpc;

import dev.fuselage.admin.Verification.Finding;
import dev.fuselage.admin.Verification.Kind;
import dev.fuselage.admin.Verification.Listener;
import dev.fuselage.admin.Verification.Place;
import dev.fuselage.admin.Verification.Progress;
import dev.fuselage.admin.Verification.Request;
import dev.fuselage.grpc.admin.proto.VerifyFinding;
import dev.fuselage.grpc.admin.proto.VerifyProgress;
import dev.fuselage.grpc.admin.proto.VerifyRequest;
import dev.fuselage.grpc.admin.proto.VerifyResponse;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;

/** A verification's words in the messages of our own service, and back. */
final class VerifyMessages {
  private VerifyMessages() {}

  static VerifyRequest of(Request request) {
    return VerifyRequest.newBuilder()
        .setContents(request.contents())
        .setAdopt(request.adopt())
        .setResume(request.resume())
        .build();
  }

  static Request toRequest(VerifyRequest message) {
    return new Request(message.getContents(), message.getAdopt(), message.getResume());
  }

  static VerifyResponse of(Progress progress) {
    return VerifyResponse.newBuilder()
        .setProgress(
            VerifyProgress.newBuilder()
                .setSnapshots(progress.snapshots())
                .setOfSnapshots(progress.ofSnapshots())
                .setEntries(progress.entries())
                .setDamages(progress.damages())
                .setNotes(progress.notes()))
        .build();
  }

  static Progress toProgress(VerifyProgress message) {
    return new Progress(
        message.getSnapshots(),
        message.getOfSnapshots(),
        message.getEntries(),
        message.getDamages(),
        message.getNotes());
  }

  static VerifyResponse of(Finding finding) {
    VerifyFinding.Builder message =
        VerifyFinding.newBuilder().setKind(of(finding.kind())).setDetail(finding.detail());
    finding
        .place()
        .ifPresent(
            place -> message.setId(place.id().value()).setKey(place.key()).setPath(place.path()));
    return VerifyResponse.newBuilder().setFinding(message).build();
  }

  /**
   * Hands over what a message tells; a kind of message or finding from a later version is left out.
   */
  static void tell(VerifyResponse message, Listener listener) {
    switch (message.getEventCase()) {
      case PROGRESS -> listener.progressed(toProgress(message.getProgress()));
      case FINDING -> {
        VerifyFinding finding = message.getFinding();
        toKind(finding.getKind())
            .ifPresent(
                kind -> listener.found(new Finding(kind, toPlace(finding), finding.getDetail())));
      }
      case EVENT_NOT_SET -> {}
    }
  }

  private static Optional<Place> toPlace(VerifyFinding message) {
    return message.getId() > 0
        ? Optional.of(
            new Place(new SnapshotId(message.getId()), message.getKey(), message.getPath()))
        : Optional.empty();
  }

  private static VerifyFinding.Kind of(Kind kind) {
    return switch (kind) {
      case STORE -> VerifyFinding.Kind.KIND_STORE;
      case RECORD -> VerifyFinding.Kind.KIND_RECORD;
      case DIRECTORY -> VerifyFinding.Kind.KIND_DIRECTORY;
      case ORPHAN -> VerifyFinding.Kind.KIND_ORPHAN;
      case RECORD_FILE -> VerifyFinding.Kind.KIND_RECORD_FILE;
      case TREE -> VerifyFinding.Kind.KIND_TREE;
      case CONTENTS -> VerifyFinding.Kind.KIND_CONTENTS;
      case USAGE -> VerifyFinding.Kind.KIND_USAGE;
      case UNVERIFIABLE -> VerifyFinding.Kind.KIND_UNVERIFIABLE;
    };
  }

  private static Optional<Kind> toKind(VerifyFinding.Kind kind) {
    return switch (kind) {
      case KIND_STORE -> Optional.of(Kind.STORE);
      case KIND_RECORD -> Optional.of(Kind.RECORD);
      case KIND_DIRECTORY -> Optional.of(Kind.DIRECTORY);
      case KIND_ORPHAN -> Optional.of(Kind.ORPHAN);
      case KIND_RECORD_FILE -> Optional.of(Kind.RECORD_FILE);
      case KIND_TREE -> Optional.of(Kind.TREE);
      case KIND_CONTENTS -> Optional.of(Kind.CONTENTS);
      case KIND_USAGE -> Optional.of(Kind.USAGE);
      case KIND_UNVERIFIABLE -> Optional.of(Kind.UNVERIFIABLE);
      case KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }
}
