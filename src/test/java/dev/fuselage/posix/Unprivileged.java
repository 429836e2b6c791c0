package dev.fuselage.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/**
 * Modes of files count for the thread that began this, and for those that it starts, even if it is
 * root's: until it is closed, on the same thread. An ordinary user's has nothing to lose.
 */
public final class Unprivileged implements AutoCloseable {
  private static final int VERSION_3 = 0x20080522;

  /** CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH. */
  private static final int OVERRIDES = 1 << 1 | 1 << 2;

  /** The effective, permitted and inheritable ones, for capabilities 0 to 31, and 32 to 63. */
  private static final int WORDS = 6;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment header = arena.allocate(JAVA_INT, 2);
  private final MemorySegment capabilities = arena.allocate(JAVA_INT, WORDS);
  private final int before;

  public Unprivileged() {
    header.setAtIndex(JAVA_INT, 0, VERSION_3);
    call("capget");
    before = capabilities.getAtIndex(JAVA_INT, 0);
    setEffective(before & ~OVERRIDES);
  }

  private void setEffective(int effective) {
    capabilities.setAtIndex(JAVA_INT, 0, effective);
    call("capset");
  }

  private void call(String name) {
    Linker linker = Linker.nativeLinker();
    try {
      int result =
          (int)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow(name),
                      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS))
                  .invokeExact(header, capabilities);
      if (result != 0) {
        throw new AssertionError(name + " failed");
      }
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    setEffective(before);
    arena.close();
  }
}
