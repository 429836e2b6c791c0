package dev.fuselage.cleanup;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many trees wait to be deleted, and what follows from that. The names of very many would fill
 * the heap, and their bytes the disk: so who throws away more than can be deleted is slowed down.
 */
final class Backlog {
  /** From here on others are not made way for any more. */
  static final int MANY = 1_000;

  /** From here on each removal waits, longer the more there are. */
  static final int TOO_MANY = 20_000;

  private static final int TREES_A_MILLISECOND = 100;
  private static final int LONGEST_MILLIS = 250;

  private final AtomicInteger trees = new AtomicInteger();

  /** There are so many, whatever was counted. */
  void found(int count) {
    trees.set(count);
  }

  void added() {
    trees.incrementAndGet();
  }

  void deleted() {
    trees.decrementAndGet();
  }

  boolean isLarge() {
    return trees.get() > MANY;
  }

  /** For how long who throws away one more is to wait. */
  int delayMillis() {
    int tooMany = Math.max(trees.get() - TOO_MANY, 0);
    return Math.min(tooMany / TREES_A_MILLISECOND, LONGEST_MILLIS);
  }
}
