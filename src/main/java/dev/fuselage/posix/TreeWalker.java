package dev.fuselage.posix;

/** Disk usage of a tree, as {@code du} counts it. */
public final class TreeWalker {
  private TreeWalker() {}

  /**
   * What a tree occupies.
   *
   * @param bytes allocated space: 512 times the blocks of every inode
   * @param inodes files, directories, links and the rest, the root directory among them
   */
  public record Totals(long bytes, long inodes) {}

  /** Asked every few hundred entries whether to go on. */
  @FunctionalInterface
  public interface Stop {
    /** Ends the walk by an unchecked exception; always called on the thread that measures. */
    void check();
  }

  /**
   * Adds up a tree: each inode once by device and number, links counted and not followed, other
   * devices included. What vanishes meanwhile is left out. A wide tree is shared with other
   * threads.
   *
   * @param name an entry below {@code parent}, a directory as a rule
   * @throws PosixException where the tree itself is not there, or a part of it cannot be read
   */
  public static Totals measure(Directory parent, String name, Stop stop) throws PosixException {
    TreeMeasurement measurement = new TreeMeasurement();
    TreeTraversal.run(
        parent,
        name,
        measurement,
        (entries, calling) -> {
          if (calling) {
            stop.check();
          }
        });
    Totals totals = measurement.totals();
    Directory.checked(totals.inodes() == 0 ? -Errno.ENOENT.number() : 0, SystemCall.STATX, name);
    return totals;
  }
}
