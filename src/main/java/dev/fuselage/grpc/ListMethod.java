package dev.fuselage.grpc;

import dev.fuselage.grpc.proto.ListSnapshotsRequest;
import dev.fuselage.snapshot.Snapshotter;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Lists snapshots as fast as the client reads them.
 *
 * @param patience with a client that reads nothing
 */
record ListMethod(
    Snapshotter snapshotter,
    Dispatcher dispatcher,
    ScheduledExecutorService timer,
    Duration patience)
    implements ServerCallHandler<Received<ListSnapshotsRequest>, InfoMessage> {
  /**
   * Bytes on their way to a client up to which it gets more. gRPC's own 32 KiB are about one batch,
   * and would have every batch wait for the one before to be written.
   */
  private static final int READY_BYTES = 128 << 10;

  @Override
  public ServerCall.Listener<Received<ListSnapshotsRequest>> startCall(
      ServerCall<Received<ListSnapshotsRequest>, InfoMessage> call, Metadata headers) {
    call.setOnReadyThreshold(READY_BYTES);
    TracedCall traced = TracedCall.current();
    return new ListCall(this, call, traced, new Reply<>(call, traced)).listen();
  }
}
