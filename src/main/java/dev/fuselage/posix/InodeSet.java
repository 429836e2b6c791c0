package dev.fuselage.posix;

/** Inodes that were met already; holds numbers in place, since a layer may have very many links. */
final class InodeSet {
  private static final int FIRST_CAPACITY = 64;

  // Device and inode side by side. No inode is 0, so that marks a free place.
  private long[] table = new long[2 * FIRST_CAPACITY];
  private int size;

  /** Adds an inode; false when it was there. */
  synchronized boolean add(long device, long inode) {
    if (2 * size >= table.length / 2) {
      grow();
    }
    boolean added = put(table, device, inode);
    if (added) {
      size++;
    }
    return added;
  }

  private void grow() {
    long[] larger = new long[2 * table.length];
    for (int i = 0; i < table.length; i += 2) {
      if (table[i + 1] != 0) {
        put(larger, table[i], table[i + 1]);
      }
    }
    table = larger;
  }

  private static boolean put(long[] table, long device, long inode) {
    long hash = (inode * 31 + device) * 0x9e3779b97f4a7c15L;
    int mask = table.length / 2 - 1;
    int index = (int) (hash >>> 32) & mask;
    while (table[2 * index + 1] != 0) {
      if (table[2 * index + 1] == inode && table[2 * index] == device) {
        return false;
      }
      index = (index + 1) & mask;
    }
    table[2 * index] = device;
    table[2 * index + 1] = inode;
    return true;
  }
}
