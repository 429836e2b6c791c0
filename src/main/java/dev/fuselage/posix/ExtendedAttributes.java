package dev.fuselage.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Whether a file system keeps the attributes that layers need. */
public final class ExtendedAttributes {
  private static final byte[] NAME = "user.fuselage-preflight".getBytes(StandardCharsets.US_ASCII);
  private static final byte VALUE = 'y';

  private ExtendedAttributes() {}

  /**
   * Sets, reads and removes an attribute of the directory.
   *
   * @return false where the file system says that it has none
   * @throws PosixException where it could not be tried: no right, no space
   */
  public static boolean storesUserAttributes(Directory directory) throws PosixException {
    String subject = directory.path().toString();
    int opened = directory.use(SystemCall.FSETXATTR);
    try (Calls calls = Calls.borrow()) {
      long name = calls.name(NAME);
      long value = calls.otherName(new byte[] {VALUE});
      int set = (int) calls.call(SystemCall.FSETXATTR, opened, name, value, 1, 0);
      if (set == -Errno.EOPNOTSUPP.number() || set == -Errno.ENOSYS.number()) {
        return false;
      }
      Directory.checked(set, SystemCall.FSETXATTR, subject);
      MemorySegment answer = calls.scratch();
      int got = (int) calls.call(SystemCall.FGETXATTR, opened, name, answer.address(), 1, 0);
      Directory.checked(got, SystemCall.FGETXATTR, subject);
      int removed = (int) calls.call(SystemCall.FREMOVEXATTR, opened, name, 0, 0, 0);
      Directory.checked(removed, SystemCall.FREMOVEXATTR, subject);
      return got == 1 && answer.get(ValueLayout.JAVA_BYTE, 0) == VALUE;
    } finally {
      directory.release();
    }
  }
}
