package dev.fuselage.grpc;

import com.google.protobuf.Empty;
import dev.fuselage.grpc.proto.CleanupRequest;
import dev.fuselage.grpc.proto.CommitSnapshotRequest;
import dev.fuselage.grpc.proto.MountsRequest;
import dev.fuselage.grpc.proto.MountsResponse;
import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.grpc.proto.PrepareSnapshotResponse;
import dev.fuselage.grpc.proto.RemoveSnapshotRequest;
import dev.fuselage.grpc.proto.SnapshotsGrpc;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.grpc.proto.UpdateSnapshotRequest;
import dev.fuselage.grpc.proto.UsageRequest;
import dev.fuselage.grpc.proto.UsageResponse;
import dev.fuselage.grpc.proto.ViewSnapshotRequest;
import dev.fuselage.grpc.proto.ViewSnapshotResponse;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Optional;
import java.util.function.BiFunction;
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
            Methods.unary(
                SnapshotsGrpc.getPrepareMethod(),
                pool,
                PrepareSnapshotRequest::getKey,
                service::prepare))
        .addMethod(
            Methods.unary(
                SnapshotsGrpc.getViewMethod(), pool, ViewSnapshotRequest::getKey, service::view))
        .addMethod(
            Methods.unary(
                SnapshotsGrpc.getMountsMethod(),
                Dispatcher.INLINE,
                MountsRequest::getKey,
                service::mounts))
        .addMethod(
            Methods.unary(
                SnapshotsGrpc.getCommitMethod(),
                pool,
                CommitSnapshotRequest::getKey,
                service::commit))
        .addMethod(
            Methods.unary(
                SnapshotsGrpc.getRemoveMethod(),
                pool,
                RemoveSnapshotRequest::getKey,
                service::remove))
        .addMethod(
            infos(
                SnapshotsGrpc.getStatMethod(),
                Dispatcher.INLINE,
                StatSnapshotRequest::getKey,
                service::stat))
        .addMethod(
            infos(
                SnapshotsGrpc.getUpdateMethod(),
                pool,
                request -> request.getInfo().getName(),
                service::update))
        .addMethod(
            ServerMethodDefinition.create(
                Methods.tolerant(SnapshotsGrpc.getListMethod(), InfoMessage.MARSHALLER), list))
        .addMethod(
            Methods.unary(
                SnapshotsGrpc.getUsageMethod(), pool, UsageRequest::getKey, service::usage))
        .addMethod(
            Methods.unary(SnapshotsGrpc.getCleanupMethod(), pool, request -> "", service::cleanup))
        .build();
  }

  /** Infos are written by hand. */
  private static <Q> ServerMethodDefinition<Received<Q>, InfoMessage> infos(
      MethodDescriptor<Q, ?> method,
      Dispatcher dispatcher,
      Function<Q, String> key,
      BiFunction<Q, Call, InfoMessage> operation) {
    return ServerMethodDefinition.create(
        Methods.tolerant(method, InfoMessage.MARSHALLER),
        new ServedMethod<>(dispatcher, key, ServedMethod.answering(operation)));
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

  private InfoMessage stat(StatSnapshotRequest request, Call call) {
    return InfoMessage.of(snapshotter.stat(request.getKey()));
  }

  private InfoMessage update(UpdateSnapshotRequest request, Call call) {
    if (!request.hasInfo()) {
      throw SnapshotException.invalidArgument("an update needs an info, this one has none");
    }
    LabelChange change =
        LabelChange.of(request.getUpdateMask().getPathsList(), request.getInfo().getLabelsMap());
    return InfoMessage.of(snapshotter.update(call, request.getInfo().getName(), change));
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
