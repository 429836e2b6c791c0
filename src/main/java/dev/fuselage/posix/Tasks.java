package dev.fuselage.posix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The threads of this process, as the kernel knows them (proc(5), {@code /proc/self/task}). */
public final class Tasks {
  private static final Path TASKS = Path.of("/proc/self/task");

  private Tasks() {}

  /** The kernel's number of the thread that calls. */
  public static int current() {
    try (Calls calls = Calls.borrow()) {
      return (int) calls.call(SystemCall.GETTID, 0);
    }
  }

  /**
   * Whether a thread waits in the kernel where no signal reaches it, which is what a wait for a
   * disk looks like (state {@code D}).
   *
   * @param task its number; false if there is no such thread
   */
  public static boolean waitsForDisk(int task) {
    try {
      String stat =
          Files.readString(
              TASKS.resolve(Integer.toString(task)).resolve("stat"), StandardCharsets.ISO_8859_1);
      // The name stands before, in parentheses, and may hold anything.
      int state = stat.lastIndexOf(')') + 2;
      return state < stat.length() && stat.charAt(state) == 'D';
    } catch (IOException e) {
      return false;
    }
  }
}
