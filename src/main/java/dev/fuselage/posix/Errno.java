package dev.fuselage.posix;

import java.util.Arrays;

/** Why a system call failed: Linux' own names, the same on x86-64 and aarch64. */
public enum Errno {
  EPERM(1, "Operation not permitted"),
  ENOENT(2, "No such file or directory"),
  EINTR(4, "Interrupted system call"),
  EIO(5, "Input/output error"),
  ENXIO(6, "No such device or address"),
  E2BIG(7, "Argument list too long"),
  EBADF(9, "Bad file descriptor"),
  EAGAIN(11, "Resource temporarily unavailable"),
  ENOMEM(12, "Cannot allocate memory"),
  EACCES(13, "Permission denied"),
  EFAULT(14, "Bad address"),
  EBUSY(16, "Device or resource busy"),
  EEXIST(17, "File exists"),
  EXDEV(18, "Invalid cross-device link"),
  ENODEV(19, "No such device"),
  ENOTDIR(20, "Not a directory"),
  EISDIR(21, "Is a directory"),
  EINVAL(22, "Invalid argument"),
  ENFILE(23, "Too many open files in system"),
  EMFILE(24, "Too many open files"),
  ETXTBSY(26, "Text file busy"),
  EFBIG(27, "File too large"),
  ENOSPC(28, "No space left on device"),
  EROFS(30, "Read-only file system"),
  EMLINK(31, "Too many links"),
  ERANGE(34, "Numerical result out of range"),
  ENAMETOOLONG(36, "File name too long"),
  ENOSYS(38, "Function not implemented"),
  ENOTEMPTY(39, "Directory not empty"),
  ELOOP(40, "Too many levels of symbolic links"),
  ENODATA(61, "No data available"),
  EOVERFLOW(75, "Value too large for defined data type"),
  EMSGSIZE(90, "Message too long"),
  EOPNOTSUPP(95, "Operation not supported"),
  ECONNREFUSED(111, "Connection refused"),
  ENOTCONN(107, "Transport endpoint is not connected"),
  ESTALE(116, "Stale file handle"),
  EUCLEAN(117, "Structure needs cleaning"),
  EREMOTEIO(121, "Remote I/O error"),
  EDQUOT(122, "Disk quota exceeded"),
  /** Any number without a name here; {@link PosixException#errno()} still tells it. */
  UNKNOWN(0, "Unknown error");

  private static final Errno[] BY_NUMBER = byNumber();

  private final int number;
  private final String text;

  Errno(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The name of a number, {@link #UNKNOWN} where this list has none. */
  public static Errno of(int number) {
    return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
  }

  /** The kernel's number; 0 for {@link #UNKNOWN}. */
  public int number() {
    return number;
  }

  /** What an admin reads in place of the number. */
  public String text() {
    return text;
  }

  private static Errno[] byNumber() {
    int highest = 0;
    for (Errno errno : values()) {
      highest = Math.max(highest, errno.number);
    }
    Errno[] table = new Errno[highest + 1];
    Arrays.fill(table, UNKNOWN);
    for (Errno errno : values()) {
      table[errno.number] = errno;
    }
    return table;
  }
}
