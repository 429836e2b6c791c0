package dev.fuselage.grpc;

import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.grpc.admin.proto.AdminGrpc;
import dev.fuselage.grpc.admin.proto.CompactRequest;
import dev.fuselage.grpc.admin.proto.CreateBackupRequest;
import dev.fuselage.grpc.admin.proto.ListBackupsRequest;
import dev.fuselage.grpc.admin.proto.PruneBackupsRequest;
import dev.fuselage.grpc.admin.proto.RebuildRequest;
import dev.fuselage.grpc.admin.proto.RestoreRequest;
import dev.fuselage.grpc.admin.proto.VerifyBackupRequest;
import dev.fuselage.snapshot.Call;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The care for the store of a service at the other end of a socket; calls have no deadline. */
record RemoteStoreCare(ClientChannel channel) implements StoreCare {
  private AdminGrpc.AdminBlockingStub stub() {
    return AdminGrpc.newBlockingStub(channel.channel());
  }

  private Streams streams() {
    return new Streams(channel, Optional.empty());
  }

  @Override
  public Backup backUp() {
    return StoreMessages.toBackup(
        channel.answer(() -> stub().createBackup(CreateBackupRequest.getDefaultInstance())));
  }

  @Override
  public List<Backup> backups() {
    return channel
        .answer(() -> stub().listBackups(ListBackupsRequest.getDefaultInstance()))
        .getBackupsList()
        .stream()
        .map(StoreMessages::toBackup)
        .toList();
  }

  @Override
  public long verify(int backup, Call call, Consumer<Progress> progress) {
    return streams()
        .last(
            AdminGrpc.getVerifyBackupMethod(),
            VerifyBackupRequest.newBuilder().setId(backup).build(),
            call,
            answer -> StoreMessages.tell(answer.getProgress(), progress))
        .getSnapshots();
  }

  @Override
  public List<Integer> prune() {
    return channel
        .answer(() -> stub().pruneBackups(PruneBackupsRequest.getDefaultInstance()))
        .getIdsList();
  }

  @Override
  public RebuildReport rebuild(Path root, Call call, Consumer<Progress> progress) {
    return StoreMessages.toReport(
        streams()
            .last(
                AdminGrpc.getRebuildMethod(),
                RebuildRequest.newBuilder().setRoot(root.toString()).build(),
                call,
                answer -> StoreMessages.tell(answer.getProgress(), progress)));
  }

  @Override
  public RebuildReport restore(
      Path root, OptionalInt backup, Call call, Consumer<Progress> progress) {
    RestoreRequest.Builder request = RestoreRequest.newBuilder().setRoot(root.toString());
    backup.ifPresent(request::setId);
    return StoreMessages.toReport(
        streams()
            .last(
                AdminGrpc.getRestoreMethod(),
                request.build(),
                call,
                answer -> StoreMessages.tell(answer.getProgress(), progress)));
  }

  @Override
  public void compact() {
    var unused = channel.answer(() -> stub().compact(CompactRequest.getDefaultInstance()));
  }
}
