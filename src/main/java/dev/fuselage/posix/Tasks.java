package dev.fuselage.posix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The threads of this process, as the kernel knows them (proc(5), {@code /proc/self/task}). */
public final class Tasks {
  private static final Path TASKS = Path.of("/proc/self/task");

  /**
   * With 0 behind it, the calling thread alone (setpriority(2), "C library/kernel differences").
   */
  private static final int PRIO_PROCESS = 0;

  private static final int STEPPED_BACK = 10;

  private Tasks() {}

  /** The kernel's number of the thread that calls. */
  public static int current() {
    try (Calls calls = Calls.borrow()) {
      return (int) calls.call(SystemCall.GETTID, 0);
    }
  }

  /**
   * Lets the thread that calls have the processor only as far as the others leave it: its nice
   * value becomes 10, for good. The kernel weighs threads within a control group, so that a pod's
   * own are meant. Where that is forbidden, nothing changes.
   */
  public static void stepBack() {
    try (Calls calls = Calls.borrow()) {
      var unused = calls.call(SystemCall.SETPRIORITY, PRIO_PROCESS, 0, STEPPED_BACK, 0, 0);
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
