package dev.fuselage.grpc;

import com.google.protobuf.Empty;
import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.grpc.admin.proto.AdminGrpc;
import dev.fuselage.grpc.admin.proto.CleanupProgress;
import dev.fuselage.grpc.admin.proto.CleanupRequest;
import dev.fuselage.grpc.admin.proto.ListQuarantineRequest;
import dev.fuselage.grpc.admin.proto.ListQuarantineResponse;
import dev.fuselage.grpc.admin.proto.ListTrashRequest;
import dev.fuselage.grpc.admin.proto.ListTrashResponse;
import dev.fuselage.grpc.admin.proto.OwnersRequest;
import dev.fuselage.grpc.admin.proto.OwnersResponse;
import dev.fuselage.grpc.admin.proto.ReleaseQuarantineRequest;
import dev.fuselage.grpc.admin.proto.VerifyRequest;
import dev.fuselage.grpc.admin.proto.VerifyResponse;
import dev.fuselage.snapshot.Call;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import java.util.function.Consumer;

/** Our own service for operators, upon what an {@link Administration} offers. */
final class AdminService {
  /** Of the items of a listing in one message. */
  private static final int MOST_ITEMS = 100;

  private final Administration administration;

  private AdminService(Administration administration) {
    this.administration = administration;
  }

  /**
   * @param pool threads of its own: these calls last, and must not keep containerd's waiting
   */
  static ServerServiceDefinition on(Administration administration, Dispatcher pool) {
    AdminService service = new AdminService(administration);
    ServerServiceDefinition.Builder methods =
        ServerServiceDefinition.builder(AdminGrpc.SERVICE_NAME)
            .addMethod(
                Methods.stream(AdminGrpc.getCleanupMethod(), pool, request -> "", service::cleanup))
            .addMethod(
                Methods.stream(
                    AdminGrpc.getListTrashMethod(), pool, request -> "", service::listTrash))
            .addMethod(
                Methods.stream(
                    AdminGrpc.getListQuarantineMethod(),
                    pool,
                    request -> "",
                    service::listQuarantine))
            .addMethod(
                Methods.unary(
                    AdminGrpc.getReleaseQuarantineMethod(),
                    pool,
                    ReleaseQuarantineRequest::getKey,
                    service::releaseQuarantine))
            .addMethod(
                Methods.stream(AdminGrpc.getVerifyMethod(), pool, request -> "", service::verify))
            .addMethod(
                Methods.unary(AdminGrpc.getOwnersMethod(), pool, request -> "", service::owners));
    StoreMethods.addTo(methods, administration, pool);
    return methods.build();
  }

  private void verify(VerifyRequest request, Call call, Reply<VerifyResponse> reply) {
    Verification.Progress result =
        administration
            .verification()
            .run(
                VerifyMessages.toRequest(request),
                call,
                new Verification.Listener() {
                  @Override
                  public void found(Verification.Finding finding) {
                    reply.send(VerifyMessages.of(finding));
                  }

                  @Override
                  public void progressed(Verification.Progress progress) {
                    reply.sendIfRead(VerifyMessages.of(progress));
                  }
                });
    reply.send(VerifyMessages.of(result));
  }

  private void cleanup(CleanupRequest request, Call call, Reply<CleanupProgress> reply) {
    Trash trash = administration.trash();
    Trash.Progress result =
        request.getNow()
            ? trash.empty(call, progress -> reply.sendIfRead(AdminMessages.of(progress)))
            : trash.wake();
    reply.send(AdminMessages.of(result));
  }

  private void listTrash(ListTrashRequest request, Call call, Reply<ListTrashResponse> reply) {
    inBatches(
        administration.trash().list(),
        batch ->
            reply.send(
                ListTrashResponse.newBuilder()
                    .addAllTrees(batch.stream().map(AdminMessages::of).toList())
                    .build()));
  }

  private void listQuarantine(
      ListQuarantineRequest request, Call call, Reply<ListQuarantineResponse> reply) {
    inBatches(
        administration.quarantine().list(),
        batch ->
            reply.send(
                ListQuarantineResponse.newBuilder()
                    .addAllSnapshots(batch.stream().map(AdminMessages::of).toList())
                    .build()));
  }

  private Empty releaseQuarantine(ReleaseQuarantineRequest request, Call call) {
    Quarantine quarantine = administration.quarantine();
    quarantine.release(request.getKey());
    return Empty.getDefaultInstance();
  }

  private OwnersResponse owners(OwnersRequest request, Call call) {
    return OwnersMessages.of(administration.owners().report(call));
  }

  private static <T> void inBatches(List<T> items, Consumer<List<T>> send) {
    for (int from = 0; from < items.size(); from += MOST_ITEMS) {
      send.accept(items.subList(from, Math.min(from + MOST_ITEMS, items.size())));
    }
  }
}
