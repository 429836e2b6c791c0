package dev.fuselage.posix;

import java.util.List;

/** Deletes whole trees. */
public final class TreeRemover {
  private TreeRemover() {}

  /**
   * What became of a tree.
   *
   * @param entries how many entries this removal deleted, the root among them
   * @param failures the first few of the failed, each as {@code call path: reason}
   * @param failed how many entries could not be deleted, not counting directories that stay only
   *     because of what is left in them
   */
  public record Outcome(long entries, List<String> failures, long failed) {
    public Outcome {
      failures = List.copyOf(failures);
    }
  }

  /** Sets the pace of a removal. */
  @FunctionalInterface
  public interface Pace {
    /**
     * Called after every few dozen entries, by one thread at a time but not always the same one; in
     * all it hears of every entry removed. It may sleep, which holds up the whole removal, or end
     * it by an unchecked exception.
     *
     * @param entries removed since the last call
     */
    void removed(int entries);
  }

  /**
   * Deletes a tree. Links are deleted, never followed; a directory whose mode forbids it is opened
   * up and tried again; an entry that cannot be deleted is reported and the rest goes on. A mount
   * point is not entered, and is such an entry (EBUSY). What is gone already is fine, the root too.
   *
   * @param name an entry below {@code parent}, of any kind
   * @throws PosixException only where the way to the tree is barred
   */
  public static Outcome remove(Directory parent, String name, Pace pace) throws PosixException {
    TreeRemoval removal = new TreeRemoval();
    TreeTraversal.run(
        parent,
        name,
        removal,
        (entries, calling) -> {
          if (entries > 0) {
            pace.removed(entries);
          }
        });
    return removal.outcome();
  }
}
