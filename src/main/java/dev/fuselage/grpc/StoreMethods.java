package dev.fuselage.grpc;

import com.google.protobuf.Empty;
import dev.fuselage.admin.Administration;
import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.grpc.admin.proto.AdminGrpc;
import dev.fuselage.grpc.admin.proto.Backup;
import dev.fuselage.grpc.admin.proto.CompactRequest;
import dev.fuselage.grpc.admin.proto.CreateBackupRequest;
import dev.fuselage.grpc.admin.proto.ListBackupsRequest;
import dev.fuselage.grpc.admin.proto.ListBackupsResponse;
import dev.fuselage.grpc.admin.proto.PruneBackupsRequest;
import dev.fuselage.grpc.admin.proto.PruneBackupsResponse;
import dev.fuselage.grpc.admin.proto.RebuildRequest;
import dev.fuselage.grpc.admin.proto.RebuildResponse;
import dev.fuselage.grpc.admin.proto.RestoreRequest;
import dev.fuselage.grpc.admin.proto.VerifyBackupRequest;
import dev.fuselage.grpc.admin.proto.VerifyBackupResponse;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.ServerServiceDefinition;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The methods of our own service that care for the store. */
final class StoreMethods {
  private final Administration administration;

  private StoreMethods(Administration administration) {
    this.administration = administration;
  }

  static void addTo(
      ServerServiceDefinition.Builder service, Administration administration, Dispatcher pool) {
    StoreMethods methods = new StoreMethods(administration);
    service
        .addMethod(
            Methods.unary(
                AdminGrpc.getCreateBackupMethod(), pool, request -> "", methods::createBackup))
        .addMethod(
            Methods.unary(
                AdminGrpc.getListBackupsMethod(), pool, request -> "", methods::listBackups))
        .addMethod(
            Methods.stream(
                AdminGrpc.getVerifyBackupMethod(), pool, request -> "", methods::verifyBackup))
        .addMethod(
            Methods.unary(
                AdminGrpc.getPruneBackupsMethod(), pool, request -> "", methods::pruneBackups))
        .addMethod(
            Methods.stream(AdminGrpc.getRebuildMethod(), pool, request -> "", methods::rebuild))
        .addMethod(
            Methods.stream(AdminGrpc.getRestoreMethod(), pool, request -> "", methods::restore))
        .addMethod(
            Methods.unary(AdminGrpc.getCompactMethod(), pool, request -> "", methods::compact));
  }

  private Backup createBackup(CreateBackupRequest request, Call call) {
    return StoreMessages.of(administration.storeCare().backUp());
  }

  private ListBackupsResponse listBackups(ListBackupsRequest request, Call call) {
    return ListBackupsResponse.newBuilder()
        .addAllBackups(
            administration.storeCare().backups().stream().map(StoreMessages::of).toList())
        .build();
  }

  private void verifyBackup(
      VerifyBackupRequest request, Call call, Reply<VerifyBackupResponse> reply) {
    long snapshots =
        administration
            .storeCare()
            .verify(
                request.getId(),
                call,
                progress ->
                    reply.sendIfRead(
                        VerifyBackupResponse.newBuilder()
                            .setProgress(StoreMessages.of(progress))
                            .build()));
    reply.send(VerifyBackupResponse.newBuilder().setSnapshots(snapshots).build());
  }

  private PruneBackupsResponse pruneBackups(PruneBackupsRequest request, Call call) {
    return PruneBackupsResponse.newBuilder().addAllIds(administration.storeCare().prune()).build();
  }

  private void rebuild(RebuildRequest request, Call call, Reply<RebuildResponse> reply) {
    RebuildReport report =
        administration.storeCare().rebuild(path(request.getRoot()), call, telling(reply));
    reply.send(StoreMessages.of(report));
  }

  private void restore(RestoreRequest request, Call call, Reply<RebuildResponse> reply) {
    OptionalInt backup = request.hasId() ? OptionalInt.of(request.getId()) : OptionalInt.empty();
    RebuildReport report =
        administration.storeCare().restore(path(request.getRoot()), backup, call, telling(reply));
    reply.send(StoreMessages.of(report));
  }

  private static Consumer<StoreCare.Progress> telling(Reply<RebuildResponse> reply) {
    return progress ->
        reply.sendIfRead(
            RebuildResponse.newBuilder().setProgress(StoreMessages.of(progress)).build());
  }

  private static Path path(String root) {
    try {
      return Path.of(root);
    } catch (InvalidPathException e) {
      throw SnapshotException.invalidArgument("a root that is no path");
    }
  }

  private Empty compact(CompactRequest request, Call call) {
    administration.storeCare().compact();
    return Empty.getDefaultInstance();
  }
}
