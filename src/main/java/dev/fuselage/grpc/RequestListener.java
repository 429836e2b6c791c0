package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.ServerCall;
import java.util.Optional;

/**
 * Waits for the one request of a call. gRPC's own handlers answer INTERNAL for a call with no
 * request or two, this one INVALID_ARGUMENT.
 */
abstract class RequestListener<Q> extends ServerCall.Listener<Received<Q>> {
  private final ServerCall<?, ?> call;
  private final TracedCall traced;
  private final Reply<?> reply;
  private Optional<Received<Q>> request = Optional.empty();
  private boolean refused;

  RequestListener(ServerCall<?, ?> call, TracedCall traced, Reply<?> reply) {
    this.call = call;
    this.traced = traced;
    this.reply = reply;
  }

  /** Lets the request come. */
  RequestListener<Q> listen() {
    // One more than there should be, or a client that sends two would wait for ever.
    call.request(2);
    return this;
  }

  /** Does what is asked, or has it done. Must not throw. */
  abstract void begin(Q message);

  @Override
  public final void onMessage(Received<Q> received) {
    if (request.isPresent()) {
      refuse(SnapshotException.invalidArgument("the call has more than one request"));
    }
    request = Optional.of(received);
  }

  @Override
  public final void onHalfClose() {
    if (refused) {
      return;
    }
    if (traced.refused()) {
      refuse(Statuses.stopping());
    } else if (request.isEmpty()) {
      refuse(SnapshotException.invalidArgument("the call has no request"));
    } else {
      switch (request.get()) {
        case Received.Garbled<Q>(String reason) ->
            refuse(new SnapshotException(SnapshotException.Code.INVALID_ARGUMENT, reason));
        case Received.Message<Q>(Q message) -> begin(message);
      }
    }
  }

  private void refuse(SnapshotException failure) {
    refused = true;
    reply.fail("", failure);
  }
}
