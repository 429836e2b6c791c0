package dev.fuselage.posix;

/** The process itself. */
public final class Posix {
  private Posix() {}

  public static int effectiveUid() {
    return onProcess(SystemCall.GETEUID, 0);
  }

  /**
   * Sets which permission bits new files of this whole process do not get.
   *
   * @return the mask before
   */
  public static int umask(int mask) {
    return onProcess(SystemCall.UMASK, mask);
  }

  private static int onProcess(SystemCall call, int argument) {
    try (Calls calls = Calls.borrow()) {
      return (int) calls.call(call, argument);
    }
  }
}
