package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Status;
import java.util.Objects;

/** The domain's failures as gRPC statuses, and back. */
final class Statuses {
  /**
   * A description travels in a header, percent-encoded, and gRPC's Java clients take 8 KiB of
   * headers: a longer one would reach them as INTERNAL.
   */
  static final int MOST_DESCRIPTION = 512;

  private Statuses() {}

  static Status of(SnapshotException failure) {
    Status status =
        switch (failure.code()) {
          case NOT_FOUND -> Status.NOT_FOUND;
          case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
          case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
          case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
          case RESOURCE_EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
          case UNAVAILABLE -> Status.UNAVAILABLE;
          case CANCELLED -> Status.CANCELLED;
          case DEADLINE_EXCEEDED -> Status.DEADLINE_EXCEEDED;
        };
    return status.withDescription(shortened(message(failure)));
  }

  static SnapshotException stopping() {
    return new SnapshotException(SnapshotException.Code.UNAVAILABLE, "the service is stopping");
  }

  static String message(Throwable failure) {
    return Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getName());
  }

  private static String shortened(String text) {
    return text.length() <= MOST_DESCRIPTION ? text : text.substring(0, MOST_DESCRIPTION) + "…";
  }

  /** What a client makes of a status; a code that the contract does not know is UNAVAILABLE. */
  static SnapshotException toException(Status status) {
    String description = Objects.requireNonNullElse(status.getDescription(), "no reason given");
    return switch (status.getCode()) {
      case NOT_FOUND -> new SnapshotException(SnapshotException.Code.NOT_FOUND, description);
      case ALREADY_EXISTS ->
          new SnapshotException(SnapshotException.Code.ALREADY_EXISTS, description);
      case FAILED_PRECONDITION ->
          new SnapshotException(SnapshotException.Code.FAILED_PRECONDITION, description);
      case INVALID_ARGUMENT ->
          new SnapshotException(SnapshotException.Code.INVALID_ARGUMENT, description);
      case RESOURCE_EXHAUSTED ->
          new SnapshotException(SnapshotException.Code.RESOURCE_EXHAUSTED, description);
      case UNAVAILABLE -> new SnapshotException(SnapshotException.Code.UNAVAILABLE, description);
      case CANCELLED -> new SnapshotException(SnapshotException.Code.CANCELLED, description);
      case DEADLINE_EXCEEDED ->
          new SnapshotException(SnapshotException.Code.DEADLINE_EXCEEDED, description);
      case OK,
          UNKNOWN,
          PERMISSION_DENIED,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          new SnapshotException(
              SnapshotException.Code.UNAVAILABLE, status.getCode() + ": " + description);
    };
  }
}
