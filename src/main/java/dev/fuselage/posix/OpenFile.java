package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** An open regular file, for one thread at a time. */
public final class OpenFile implements AutoCloseable {
  private static final int READ_AT_ONCE = 1 << 16;

  private final int descriptor;
  private final String subject;
  private boolean closed;

  OpenFile(int descriptor, String subject) {
    this.descriptor = descriptor;
    this.subject = subject;
  }

  /** Writes all bytes; if it throws, some of them may be there. */
  public void write(byte[] bytes) throws PosixException {
    try (Calls calls = Calls.borrow();
        Arena arena = Arena.ofConfined()) {
      long address = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes).address();
      int written = 0;
      while (written < bytes.length) {
        written +=
            call(calls, SystemCall.WRITE, address + written, (long) bytes.length - written, 0);
      }
    }
  }

  /**
   * All that the file holds from its beginning.
   *
   * @param limit the most bytes to read
   * @throws PosixException EFBIG if it holds more
   */
  public byte[] read(int limit) throws PosixException {
    try (Calls calls = Calls.borrow();
        Arena arena = Arena.ofConfined()) {
      call(calls, SystemCall.LSEEK, 0, 0, 0);
      MemorySegment memory = arena.allocate(Math.min(limit, READ_AT_ONCE) + 1L);
      byte[] bytes = new byte[0];
      while (true) {
        int count = call(calls, SystemCall.READ, memory.address(), memory.byteSize(), 0);
        if (count == 0) {
          return bytes;
        }
        if (bytes.length + count > limit) {
          throw new PosixException(SystemCall.READ.manualName(), subject, Errno.EFBIG);
        }
        byte[] more = Arrays.copyOf(bytes, bytes.length + count);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, more, bytes.length, count);
        bytes = more;
      }
    }
  }

  /** Its length in bytes. */
  public long size() throws PosixException {
    try (Calls calls = Calls.borrow()) {
      int looked = calls.statxOpened(descriptor, Flags.STATX_BASIC_STATS);
      Directory.checked(looked, SystemCall.STATX, subject);
      return calls.statusSize();
    }
  }

  /** Puts on the disk what was written, and what it takes to find it again. */
  public void sync() throws PosixException {
    try (Calls calls = Calls.borrow()) {
      call(calls, SystemCall.FSYNC, 0, 0, 0);
    }
  }

  /** Makes sure that the file takes so many bytes of its own on the disk; their content is zero. */
  public void reserve(long bytes) throws PosixException {
    try (Calls calls = Calls.borrow()) {
      call(calls, SystemCall.FALLOCATE, 0, 0, bytes);
    }
  }

  private int call(Calls calls, SystemCall call, long a, long b, long c) throws PosixException {
    return Directory.checked((int) calls.call(call, descriptor, a, b, c, 0), call, subject);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try (Calls calls = Calls.borrow()) {
        calls.close(descriptor);
      }
    }
  }
}
