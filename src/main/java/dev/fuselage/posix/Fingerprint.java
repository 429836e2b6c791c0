package dev.fuselage.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Sixty-four bits of what was put in, against accidents and not against attackers: two different
 * checksums side by side, both of which the JVM computes by instructions of their own, mixed. One
 * thread at a time.
 */
final class Fingerprint {
  private final CRC32 one = new CRC32();
  private final CRC32C other = new CRC32C();
  private byte[] bytes = new byte[512];
  private int length;

  /** Begins anew. Fingerprints of different kinds of things must not begin with the same kind. */
  Fingerprint begin(int kind) {
    length = 0;
    return put(kind);
  }

  Fingerprint put(int value) {
    ensure(Integer.BYTES);
    bytes[length++] = (byte) value;
    bytes[length++] = (byte) (value >>> 8);
    bytes[length++] = (byte) (value >>> 16);
    bytes[length++] = (byte) (value >>> 24);
    return this;
  }

  Fingerprint put(long value) {
    return put((int) value).put((int) (value >>> 32));
  }

  /** Text with its length, so that what follows can't be taken for its end. */
  Fingerprint put(byte[] text) {
    put(text.length);
    ensure(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  /** The same from native memory. */
  Fingerprint put(MemorySegment text) {
    int size = Math.toIntExact(text.byteSize());
    put(size);
    ensure(size);
    MemorySegment.copy(text, ValueLayout.JAVA_BYTE, 0, bytes, length, size);
    length += size;
    return this;
  }

  long end() {
    one.reset();
    one.update(bytes, 0, length);
    other.reset();
    other.update(bytes, 0, length);
    return result();
  }

  /** Begins a stream that is too long to be put together first. */
  void beginStream() {
    one.reset();
    other.reset();
  }

  void update(ByteBuffer part) {
    one.update(part.duplicate());
    other.update(part);
  }

  long endStream() {
    return result();
  }

  private long result() {
    return mixed((one.getValue() << 32) | other.getValue());
  }

  /** Spreads each bit over all: sums of checksums alone would let two changes cancel out. */
  static long mixed(long value) {
    long hash = value ^ (value >>> 31);
    hash *= 0x9e3779b97f4a7c15L;
    hash ^= hash >>> 29;
    hash *= 0xd6e8feb86659fd93L;
    return hash ^ (hash >>> 32);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}
