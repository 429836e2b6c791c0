package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** A block of directory entries as getdents64 writes them, read one after the other. */
final class EntryBuffer {
  private static final int SIZE = 32 * 1024;
  private static final int LENGTH_OFFSET = 16;
  private static final int TYPE_OFFSET = 18;
  private static final int NAME_OFFSET = 19;

  private final MemorySegment memory;

  /** The same memory: read by each entry, and without C2 a buffer is read faster than a segment. */
  private final ByteBuffer block;

  private final long address;
  private int filled;
  private int current;
  private int next;

  EntryBuffer(Arena arena) {
    memory = arena.allocate(SIZE, 8);
    block = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    address = memory.address();
  }

  /** Hands over the name of each entry to come; 0, or a negated errno where reading failed. */
  static int forEach(Calls calls, int directory, Consumer<byte[]> action) {
    try (Arena arena = Arena.ofConfined()) {
      EntryBuffer entries = new EntryBuffer(arena);
      int filled = entries.fill(calls, directory);
      while (filled > 0) {
        while (entries.next()) {
          action.accept(entries.name());
        }
        filled = entries.fill(calls, directory);
      }
      return filled;
    }
  }

  /** Reads the next block: its bytes, 0 at the end, a negated errno on failure. */
  int fill(Calls calls, int directory) {
    int result = (int) calls.call(SystemCall.GETDENTS64, directory, address, SIZE, 0, 0);
    begin(Math.max(0, result));
    return result;
  }

  /** Takes over a block that another buffer read. */
  void load(byte[] block) {
    MemorySegment.copy(block, 0, memory, ValueLayout.JAVA_BYTE, 0, block.length);
    begin(block.length);
  }

  byte[] copy() {
    return memory.asSlice(0, filled).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Steps to the next entry that is neither "." nor "..". */
  boolean next() {
    while (next < filled) {
      current = next;
      next += Short.toUnsignedInt(block.getShort(current + LENGTH_OFFSET));
      if (!isDots()) {
        return true;
      }
    }
    return false;
  }

  int type() {
    return block.get(current + TYPE_OFFSET);
  }

  /** The NUL-terminated name, good until the buffer is filled again. */
  long nameAddress() {
    return address + current + NAME_OFFSET;
  }

  byte[] name() {
    return Calls.nameAt(nameAddress());
  }

  private void begin(int length) {
    filled = length;
    current = 0;
    next = 0;
  }

  private boolean isDots() {
    if (byteAt(0) != '.') {
      return false;
    }
    byte second = byteAt(1);
    return second == 0 || (second == '.' && byteAt(2) == 0);
  }

  private byte byteAt(int index) {
    return block.get(current + NAME_OFFSET + index);
  }
}
