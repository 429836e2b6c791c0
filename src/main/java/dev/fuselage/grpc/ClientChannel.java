package dev.fuselage.grpc;

import dev.fuselage.channel.UnixChannel;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** A client's way to our socket, with the domain's failures. It connects when it is first used. */
final class ClientChannel implements AutoCloseable {
  private final Path socket;
  private final UnixChannel connection;

  ClientChannel(Path socket) {
    this.socket = socket.toAbsolutePath();
    this.connection = new UnixChannel(this.socket, "client");
  }

  Channel channel() {
    return connection.channel();
  }

  /** The call's result, with the domain's failures in place of gRPC's. */
  <T> T answer(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  SnapshotException failure(StatusRuntimeException e) {
    return failure(e.getStatus());
  }

  SnapshotException failure(StatusException e) {
    return failure(e.getStatus());
  }

  private SnapshotException failure(Status status) {
    if (status.getCode() == Status.Code.UNAVAILABLE
        && status.getCause() instanceof IOException cause) {
      return new SnapshotException(
          SnapshotException.Code.UNAVAILABLE,
          "nobody answers on " + socket + ": " + Statuses.message(cause));
    }
    return Statuses.toException(status);
  }

  /** Ends every call that is under way, by UNAVAILABLE or CANCELLED. */
  @Override
  public void close() {
    connection.close();
  }
}
