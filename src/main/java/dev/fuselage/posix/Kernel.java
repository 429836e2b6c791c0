package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The door to the kernel: libc's {@code syscall(2)}, one native function for every call.
 *
 * <p>One function has one shape, so the JVM builds a single stub at start, which is most of what
 * {@code java.lang.foreign} costs; and the structures behind raw calls are the kernel's own, the
 * same with every libc.
 */
final class Kernel {
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL = link();

  private Kernel() {}

  /** Memory that the JVM saves {@code errno} in, before it can make calls of its own. */
  static MemorySegment allocateErrno(Arena arena) {
    return arena.allocate(STATE);
  }

  /** The call's result, or its negated errno. */
  static long call(MemorySegment errno, SystemCall call, long a, long b, long c, long d, long e) {
    long result;
    try {
      result = (long) SYSCALL.invokeExact(errno, call.number(), a, b, c, d, e);
    } catch (Throwable impossible) {
      throw new AssertionError("a system call throws nothing", impossible);
    }
    return result == -1 ? -errno.get(ValueLayout.JAVA_INT, ERRNO) : result;
  }

  private static MethodHandle link() {
    Linker linker = Linker.nativeLinker();
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(word, word, word, word, word, word, word),
        Linker.Option.firstVariadicArg(1),
        Linker.Option.captureCallState("errno"));
  }
}
