package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Context;
import io.grpc.Deadline;

/** A client's patience, as gRPC's context knows it, and our own when the service stops. */
record Patience(Context context, TracedCall call) implements Call {
  /** Of the call that the current context is of. */
  static Patience current() {
    return new Patience(Context.current(), TracedCall.current());
  }

  @Override
  public void check() {
    // First the deadline: a client whose deadline has passed cancels the call as well.
    Deadline deadline = context.getDeadline();
    if (deadline != null && deadline.isExpired()) {
      throw new SnapshotException(
          SnapshotException.Code.DEADLINE_EXCEEDED, "the call's deadline has passed");
    }
    if (context.isCancelled()) {
      throw new SnapshotException(
          SnapshotException.Code.CANCELLED, "the call was cancelled by its client");
    }
    if (call.abandoned()) {
      throw Statuses.stopping();
    }
  }
}
