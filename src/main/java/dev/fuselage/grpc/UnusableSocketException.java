package dev.fuselage.grpc;

/** Why no service can be offered at a path; the message says what to do. Nothing was changed. */
public final class UnusableSocketException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is wrong with the path. */
  public enum Reason {
    /** The kernel takes no address so long. */
    TOO_LONG,
    /** Another process answers there. */
    IN_USE,
    /** Something other than a socket is there, and is not ours to delete. */
    NOT_A_SOCKET,
    /** The directory or the socket can't be made. */
    NOT_WRITABLE
  }

  private final Reason reason;

  UnusableSocketException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  UnusableSocketException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
