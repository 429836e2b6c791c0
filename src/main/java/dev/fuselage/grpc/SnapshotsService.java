package dev.fuselage.grpc;

import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.fuselage.grpc.proto.CleanupRequest;
import dev.fuselage.grpc.proto.CommitSnapshotRequest;
import dev.fuselage.grpc.proto.MountsRequest;
import dev.fuselage.grpc.proto.MountsResponse;
import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.grpc.proto.PrepareSnapshotResponse;
import dev.fuselage.grpc.proto.RemoveSnapshotRequest;
import dev.fuselage.grpc.proto.SnapshotsGrpc;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.grpc.proto.StatSnapshotResponse;
import dev.fuselage.grpc.proto.UpdateSnapshotRequest;
import dev.fuselage.grpc.proto.UpdateSnapshotResponse;
import dev.fuselage.grpc.proto.UsageRequest;
import dev.fuselage.grpc.proto.UsageResponse;
import dev.fuselage.grpc.proto.ViewSnapshotRequest;
import dev.fuselage.grpc.proto.ViewSnapshotResponse;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Optional;
import java.util.function.Function;

/**
 * containerd's snapshots service upon a {@link Snapshotter}: each method takes its request apart,
 * calls its namesake and puts the answer together.
 */
final class SnapshotsService {
  private final Snapshotter snapshotter;

  private SnapshotsService(Snapshotter snapshotter) {
    this.snapshotter = snapshotter;
  }

  /**
   * @param pool for all that may block; Stat and Mounts read metadata alone and stay on the event
   *     loop, which spares them two changes of thread
   */
  static ServerServiceDefinition on(Snapshotter snapshotter, Dispatcher pool, ListMethod list) {
    SnapshotsService service = new SnapshotsService(snapshotter);
    return ServerServiceDefinition.builder(SnapshotsGrpc.SERVICE_NAME)
        .addMethod(
            unary(
                SnapshotsGrpc.getPrepareMethod(),
                pool,
                PrepareSnapshotRequest::getKey,
                service::prepare))
        .addMethod(
            unary(SnapshotsGrpc.getViewMethod(), pool, ViewSnapshotRequest::getKey, service::view))
        .addMethod(
            unary(
                SnapshotsGrpc.getMountsMethod(),
                Dispatcher.INLINE,
                MountsRequest::getKey,
                service::mounts))
        .addMethod(
            unary(
                SnapshotsGrpc.getCommitMethod(),
                pool,
                CommitSnapshotRequest::getKey,
                service::commit))
        .addMethod(
            unary(
                SnapshotsGrpc.getRemoveMethod(),
                pool,
                RemoveSnapshotRequest::getKey,
                service::remove))
        .addMethod(
            unary(
                SnapshotsGrpc.getStatMethod(),
                Dispatcher.INLINE,
                StatSnapshotRequest::getKey,
                service::stat))
        .addMethod(
            unary(
                SnapshotsGrpc.getUpdateMethod(),
                pool,
                request -> request.getInfo().getName(),
                service::update))
        .addMethod(ServerMethodDefinition.create(tolerant(SnapshotsGrpc.getListMethod()), list))
        .addMethod(
            unary(SnapshotsGrpc.getUsageMethod(), pool, UsageRequest::getKey, service::usage))
        .addMethod(unary(SnapshotsGrpc.getCleanupMethod(), pool, request -> "", service::cleanup))
        .build();
  }

  private static <Q extends Message, R extends Message>
      ServerMethodDefinition<Received<Q>, R> unary(
          MethodDescriptor<Q, R> method,
          Dispatcher dispatcher,
          Function<Q, String> key,
          UnaryMethod.Operation<Q, R> operation) {
    return ServerMethodDefinition.create(
        tolerant(method), new UnaryMethod<>(dispatcher, key, operation));
  }

  private static <Q, R> MethodDescriptor<Received<Q>, R> tolerant(MethodDescriptor<Q, R> method) {
    Marshaller<Received<Q>> requests = new TolerantMarshaller<>(method.getRequestMarshaller());
    return method.toBuilder(requests, method.getResponseMarshaller()).build();
  }

  private PrepareSnapshotResponse prepare(PrepareSnapshotRequest request, Call call) {
    var mounts =
        snapshotter.prepare(
            call, request.getKey(), request.getParent(), Labels.of(request.getLabelsMap()));
    return PrepareSnapshotResponse.newBuilder().addAllMounts(Messages.of(mounts)).build();
  }

  private ViewSnapshotResponse view(ViewSnapshotRequest request, Call call) {
    var mounts =
        snapshotter.view(
            call, request.getKey(), request.getParent(), Labels.of(request.getLabelsMap()));
    return ViewSnapshotResponse.newBuilder().addAllMounts(Messages.of(mounts)).build();
  }

  private MountsResponse mounts(MountsRequest request, Call call) {
    return MountsResponse.newBuilder()
        .addAllMounts(Messages.of(snapshotter.mounts(request.getKey())))
        .build();
  }

  private Empty commit(CommitSnapshotRequest request, Call call) {
    Optional<String> parent = Optional.of(request.getParent()).filter(name -> !name.isEmpty());
    snapshotter.commit(
        call, request.getName(), request.getKey(), parent, Labels.of(request.getLabelsMap()));
    return Empty.getDefaultInstance();
  }

  private Empty remove(RemoveSnapshotRequest request, Call call) {
    snapshotter.remove(call, request.getKey());
    return Empty.getDefaultInstance();
  }

  private StatSnapshotResponse stat(StatSnapshotRequest request, Call call) {
    Info info = snapshotter.stat(request.getKey());
    return StatSnapshotResponse.newBuilder().setInfo(Messages.of(info)).build();
  }

  private UpdateSnapshotResponse update(UpdateSnapshotRequest request, Call call) {
    if (!request.hasInfo()) {
      throw SnapshotException.invalidArgument("an update needs an info, this one has none");
    }
    LabelChange change =
        LabelChange.of(request.getUpdateMask().getPathsList(), request.getInfo().getLabelsMap());
    Info info = snapshotter.update(call, request.getInfo().getName(), change);
    return UpdateSnapshotResponse.newBuilder().setInfo(Messages.of(info)).build();
  }

  private UsageResponse usage(UsageRequest request, Call call) {
    Usage usage = snapshotter.usage(call, request.getKey());
    return Messages.of(usage);
  }

  private Empty cleanup(CleanupRequest request, Call call) {
    snapshotter.cleanup(call);
    return Empty.getDefaultInstance();
  }
}
