package dev.fuselage.snapshot;

import java.util.Optional;

/**
 * Why a call did not do what was asked. Nothing is half done when it is thrown.
 *
 * <p>It carries no stack trace: most are a client's mistake, and a {@link #getCause() cause} has
 * its own.
 */
public final class SnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The ways to fail, in containerd's and gRPC's words. */
  public enum Code {
    NOT_FOUND,
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    INVALID_ARGUMENT,
    /** No space, no inodes, no descriptors, or below a configured reserve. */
    RESOURCE_EXHAUSTED,
    /** The store or the disk does not answer as it should, or the service is stopping. */
    UNAVAILABLE,
    /** The client went away before anything was done. */
    CANCELLED,
    /** The client's deadline passed before anything was done. */
    DEADLINE_EXCEEDED
  }

  private final Code code;

  private SnapshotException(Code code, String message, Optional<Throwable> cause) {
    super(message, cause.orElse(null), false, false);
    this.code = code;
  }

  public SnapshotException(Code code, String message) {
    this(code, message, Optional.empty());
  }

  public SnapshotException(Code code, String message, Throwable cause) {
    this(code, message, Optional.of(cause));
  }

  /** What went wrong, as a client is to know it. */
  public Code code() {
    return code;
  }

  /** NOT_FOUND, for a key or name that no snapshot has. */
  public static SnapshotException notFound(String key) {
    return new SnapshotException(Code.NOT_FOUND, "snapshot " + Quote.of(key) + " does not exist");
  }

  /** ALREADY_EXISTS, for a key or name that a snapshot has. */
  public static SnapshotException alreadyExists(String key) {
    return new SnapshotException(
        Code.ALREADY_EXISTS, "snapshot " + Quote.of(key) + " exists already");
  }

  /** FAILED_PRECONDITION; the arguments are those of {@link String#format}. */
  public static SnapshotException failedPrecondition(String format, Object... arguments) {
    return new SnapshotException(Code.FAILED_PRECONDITION, String.format(format, arguments));
  }

  /** INVALID_ARGUMENT; the arguments are those of {@link String#format}. */
  public static SnapshotException invalidArgument(String format, Object... arguments) {
    return new SnapshotException(Code.INVALID_ARGUMENT, String.format(format, arguments));
  }
}
