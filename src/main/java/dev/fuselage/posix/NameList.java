package dev.fuselage.posix;

import java.util.Arrays;

/** The names of subdirectories still to be visited, packed: a wide directory may hold very many. */
final class NameList {
  private static final byte[] NONE = {};

  private byte[] bytes;
  private int next;
  private int end;

  NameList() {
    this(NONE);
  }

  /**
   * @param bytes names, each ended by a NUL
   */
  private NameList(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  static NameList of(byte[] name) {
    return new NameList(Arrays.copyOf(name, name.length + 1));
  }

  void add(byte[] name) {
    int needed = end + name.length + 1;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
    }
    System.arraycopy(name, 0, bytes, end, name.length);
    bytes[needed - 1] = 0;
    end = needed;
  }

  boolean isEmpty() {
    return next == end;
  }

  byte[] take() {
    int stop = endOfName(next);
    byte[] name = Arrays.copyOfRange(bytes, next, stop);
    next = stop + 1;
    return name;
  }

  boolean hasSeveral() {
    return !isEmpty() && endOfName(next) + 1 < end;
  }

  /** Takes about the later half of several names away; of one name, that. */
  NameList split() {
    int from = (next + end) / 2;
    while (from > next && bytes[from - 1] != 0) {
      from--;
    }
    if (from == next && hasSeveral()) {
      from = endOfName(next) + 1;
    }
    NameList half = new NameList(Arrays.copyOfRange(bytes, from, end));
    end = from;
    return half;
  }

  private int endOfName(int from) {
    int index = from;
    while (bytes[index] != 0) {
      index++;
    }
    return index;
  }
}
