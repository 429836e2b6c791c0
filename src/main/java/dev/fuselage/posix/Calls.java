package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * System calls with native memory of their own: names to pass in, a status to read back. One thread
 * at a time borrows it and gives it back by closing; a few are kept, so that a call allocates
 * nothing. (Not thread-local: virtual threads would each make their own.)
 *
 * <p>A method that returns a number returns the negated errno when the call failed. Calls that a
 * signal interrupted are made again.
 */
final class Calls implements AutoCloseable {
  static final int NAME_LIMIT = 4096;

  /** The longest target of a symbolic link. */
  private static final int TEXT_LIMIT = 4096;

  private static final int STATUS_SIZE = 256;
  private static final int EINTR = -Errno.EINTR.number();
  private static final ArrayBlockingQueue<Calls> IDLE = new ArrayBlockingQueue<>(16);

  private final MemorySegment memory;

  /** The same memory: without C2 a buffer is read faster than a segment. */
  private final ByteBuffer answer;

  private final MemorySegment errno;
  private final long status;
  private final long name;
  private final long otherName;
  private final long text;

  /** The address of the empty name, which with {@code AT_EMPTY_PATH} means the directory itself. */
  private final long empty;

  private final long dotDot;

  private Calls() {
    // Reachable memory, not a scope, decides: one that the pool drops is freed by the collector.
    Arena arena = Arena.ofAuto();
    errno = Kernel.allocateErrno(arena);
    memory = arena.allocate(STATUS_SIZE + 2L * NAME_LIMIT + TEXT_LIMIT + 16, 8);
    answer = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    status = memory.address();
    name = status + STATUS_SIZE;
    otherName = name + NAME_LIMIT;
    text = otherName + NAME_LIMIT;
    empty = text + TEXT_LIMIT;
    dotDot = empty + 8;
    memory.setString(dotDot - status, "..");
  }

  static Calls borrow() {
    Calls calls = IDLE.poll();
    return calls == null ? new Calls() : calls;
  }

  @Override
  public void close() {
    IDLE.offer(this);
  }

  long dotDot() {
    return dotDot;
  }

  /** Copies a name into the memory of this and returns its address, good until the next call. */
  long name(byte[] bytes) {
    return put(bytes, name);
  }

  /** The NUL-terminated name at an address, as the kernel wrote it or {@link #name} put it. */
  static byte[] nameAt(long address) {
    MemorySegment text = MemorySegment.ofAddress(address).reinterpret(NAME_LIMIT);
    int length = 0;
    while (text.get(ValueLayout.JAVA_BYTE, length) != 0) {
      length++;
    }
    return text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** A second name beside the first. */
  long otherName(byte[] bytes) {
    return put(bytes, otherName);
  }

  /** The status memory, free for calls with another structure of up to 256 bytes. */
  MemorySegment scratch() {
    return memory.asSlice(0, STATUS_SIZE);
  }

  long call(SystemCall call, long a, long b, long c, long d, long e) {
    long result = Kernel.call(errno, call, a, b, c, d, e);
    while (result == EINTR) {
      result = Kernel.call(errno, call, a, b, c, d, e);
    }
    return result;
  }

  long call(SystemCall call, long a) {
    return call(call, a, 0, 0, 0, 0);
  }

  int openat(int directory, long nameAddress, int flags) {
    return (int) call(SystemCall.OPENAT, directory, nameAddress, flags, 0, 0);
  }

  void close(int descriptor) {
    // Never again after a signal: Linux has closed it, and the number may be another's by now.
    Kernel.call(errno, SystemCall.CLOSE, descriptor, 0, 0, 0, 0);
  }

  int unlinkat(int directory, long nameAddress, int flags) {
    return (int) call(SystemCall.UNLINKAT, directory, nameAddress, flags, 0, 0);
  }

  /** Gives a directory more rights without ever following a link in its place. */
  int changeMode(int directory, long nameAddress, int mode) {
    int opened = openat(directory, nameAddress, Flags.OPEN_DIRECTORY);
    if (opened >= 0) {
      int result = (int) call(SystemCall.FCHMOD, opened, mode, 0, 0, 0);
      close(opened);
      return result;
    }
    if (opened != -Errno.EACCES.number()) {
      return opened;
    }
    // We may own it and still not read it. fchmod refuses what O_PATH opened, its /proc name works.
    opened = openat(directory, nameAddress, Flags.OPEN_PASSAGE);
    if (opened < 0) {
      return opened;
    }
    long link = otherName(Names.encode("/proc/self/fd/" + opened));
    int result = (int) call(SystemCall.FCHMODAT, Flags.AT_FDCWD, link, mode, 0, 0);
    close(opened);
    return result;
  }

  /** Reads a link's target: its length, or a negated errno. {@link #text} hands it over. */
  int readLink(int directory, long nameAddress) {
    return (int) call(SystemCall.READLINKAT, directory, nameAddress, text, TEXT_LIMIT, 0);
  }

  /** What was read as text, good until more is. */
  MemorySegment text(int length) {
    return memory.asSlice(text - status, length);
  }

  int statx(int directory, long nameAddress, int flags, int mask) {
    return (int) call(SystemCall.STATX, directory, nameAddress, flags, mask, status);
  }

  int statxOpened(int directory, int mask) {
    return statx(directory, empty, Flags.AT_EMPTY_PATH | Flags.AT_STATX_DONT_SYNC, mask);
  }

  // Offsets of struct statx, the same on every machine. Each is good until the next call.

  boolean statusMountRoot() {
    return (answer.getLong(8) & Flags.STATX_ATTR_MOUNT_ROOT) != 0;
  }

  long statusLinks() {
    return Integer.toUnsignedLong(answer.getInt(16));
  }

  int statusUid() {
    return answer.getInt(20);
  }

  int statusGid() {
    return answer.getInt(24);
  }

  int statusMode() {
    return Short.toUnsignedInt(answer.getShort(28));
  }

  boolean statusIsDirectory() {
    return (statusMode() & Flags.TYPE_MASK) == Flags.TYPE_DIRECTORY;
  }

  long statusInode() {
    return answer.getLong(32);
  }

  long statusSize() {
    return answer.getLong(40);
  }

  long statusBlocks() {
    return answer.getLong(48);
  }

  long statusModifiedSeconds() {
    return answer.getLong(112);
  }

  int statusModifiedNanos() {
    return answer.getInt(120);
  }

  /** The number of the device that a special file stands for. */
  long statusSpecialDevice() {
    return deviceNumber(128);
  }

  /** When the inode last changed, its name included; no program can set this back. */
  Instant statusChanged() {
    return Instant.ofEpochSecond(answer.getLong(96), answer.getInt(104));
  }

  long statusDevice() {
    return deviceNumber(136);
  }

  private long deviceNumber(int offset) {
    long major = Integer.toUnsignedLong(answer.getInt(offset));
    long minor = Integer.toUnsignedLong(answer.getInt(offset + 4));
    return (minor & 0xff)
        | ((major & 0xfff) << 8)
        | ((minor & 0xffffff00L) << 12)
        | ((major & 0xfffff000L) << 32);
  }

  private long put(byte[] bytes, long address) {
    if (bytes.length >= NAME_LIMIT) {
      throw new IllegalArgumentException("a name of " + bytes.length + " bytes");
    }
    long offset = address - status;
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
    memory.set(ValueLayout.JAVA_BYTE, offset + bytes.length, (byte) 0);
    return address;
  }
}
