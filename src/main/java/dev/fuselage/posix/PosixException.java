package dev.fuselage.posix;

import java.io.IOException;

/**
 * A system call failed. The message reads like {@code mkdirat 17/fs: No space left on device
 * (ENOSPC)}. It has no stack trace: the call and its subject say more, and a failing disk would
 * make thousands of them.
 */
public final class PosixException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;
  private final String call;
  private final String subject;

  PosixException(String call, String subject, int errno) {
    super(describe(call, subject, errno));
    this.errno = errno;
    this.call = call;
    this.subject = subject;
  }

  PosixException(String call, String subject, Errno errno) {
    this(call, subject, errno.number());
  }

  /** One line: the call, what it was about, and why it failed. */
  static String describe(String call, String subject, int errno) {
    Errno name = Errno.of(errno);
    String reason = name == Errno.UNKNOWN ? "errno " + errno : name.name();
    return call + " " + subject + ": " + name.text() + " (" + reason + ")";
  }

  /** The kernel's number, always positive. */
  public int errno() {
    return errno;
  }

  /** The system call's name, as in its manual page. */
  public String call() {
    return call;
  }

  /** The name the call was about, relative to its directory; the directory's path for itself. */
  public String subject() {
    return subject;
  }

  public boolean is(Errno other) {
    return Errno.of(errno) == other;
  }

  /** Whether this process or the machine lacks something, which says nothing of the subject. */
  public boolean isShortage() {
    return switch (Errno.of(errno)) {
      case EMFILE, ENFILE, ENOMEM, EINTR -> true;
      default -> false;
    };
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
