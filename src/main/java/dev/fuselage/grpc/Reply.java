package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** The way back to one client. One thread at a time uses it, and ends it once. */
final class Reply<R> {
  private final ServerCall<?, R> call;
  private final TracedCall traced;
  private boolean begun;

  Reply(ServerCall<?, R> call, TracedCall traced) {
    this.call = call;
    this.traced = traced;
  }

  void send(R message) {
    if (!begun) {
      begun = true;
      call.sendHeaders(new Metadata());
    }
    call.sendMessage(message);
  }

  /** Sends what may be left out: only to a client that has read what came before. */
  void sendIfRead(R message) {
    if (!begun || call.isReady()) {
      send(message);
    }
  }

  void succeed() {
    if (!begun) {
      call.sendHeaders(new Metadata());
    }
    close(Status.OK);
  }

  void fail(String key, SnapshotException failure) {
    Status status = Statuses.of(failure);
    CallLog.failed(traced.name(), key, status.getCode(), Statuses.message(failure));
    close(status);
  }

  /**
   * Answers for a defect of ours: UNAVAILABLE, since INTERNAL makes containerd's collector stop.
   */
  void failUnexpectedly(String key, Throwable failure) {
    CallLog.unexpected(traced.name(), key, failure);
    close(
        Statuses.of(
            new SnapshotException(
                SnapshotException.Code.UNAVAILABLE, "unexpected: " + failure, failure)));
  }

  private void close(Status status) {
    traced.answered(status.getCode());
    call.close(status, new Metadata());
  }
}
