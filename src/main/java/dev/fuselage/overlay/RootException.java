package dev.fuselage.overlay;

/** Why a root can't be served; the message says what to do. */
public final class RootException extends Exception {
  private static final long serialVersionUID = 1;

  /** The kinds of obstacle. */
  public enum Reason {
    /** Another process serves it. */
    IN_USE,
    /** It was made by another format version, backend or driver. */
    FOREIGN,
    /** It can't be read or written. */
    UNUSABLE
  }

  private final Reason reason;

  public RootException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public RootException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
