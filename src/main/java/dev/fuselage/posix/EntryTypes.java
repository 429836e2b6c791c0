package dev.fuselage.posix;

import java.lang.foreign.Arena;

/** Whether a file system tells what each entry is when its directory is read ({@code d_type}). */
public final class EntryTypes {
  private static final byte[] SELF = {'.'};

  private EntryTypes() {}

  /** True if every entry of the directory comes with its type; so for an empty one, too. */
  public static boolean areTold(Directory directory) throws PosixException {
    String subject = directory.path().toString();
    int own = directory.use(SystemCall.GETDENTS64);
    try (Calls calls = Calls.borrow();
        Arena arena = Arena.ofConfined()) {
      // A descriptor of its own: the place where reading goes on belongs to the open file.
      int opened =
          Directory.checked(
              calls.openat(own, calls.name(SELF), Flags.OPEN_DIRECTORY),
              SystemCall.OPENAT,
              subject);
      try {
        EntryBuffer entries = new EntryBuffer(arena);
        while (Directory.checked(entries.fill(calls, opened), SystemCall.GETDENTS64, subject) > 0) {
          while (entries.next()) {
            if (entries.type() == Flags.DT_UNKNOWN) {
              return false;
            }
          }
        }
        return true;
      } finally {
        calls.close(opened);
      }
    } finally {
      directory.release();
    }
  }
}
