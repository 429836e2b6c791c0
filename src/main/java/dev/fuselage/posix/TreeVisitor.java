package dev.fuselage.posix;

/**
 * What is to happen to each entry of a tree, on one thread. An exception from any method ends the
 * whole traversal.
 */
abstract class TreeVisitor {
  final Calls calls;

  /** Entries dealt with since the last report of progress. */
  int unreported;

  TreeVisitor(Calls calls) {
    this.calls = calls;
  }

  /**
   * Deals with an entry.
   *
   * @param name its address
   * @param type as the directory tells it, {@link Flags#DT_UNKNOWN} where it does not
   * @return whether it is a directory to go into
   */
  abstract boolean visit(TreeNode directory, long name, int type) throws PosixException;

  /**
   * A subdirectory could not be opened.
   *
   * @return whether something was done about it, so that it is to be tried once more
   */
  abstract boolean mayOpen(TreeNode directory, byte[] name, int errno) throws PosixException;

  /** A call about a directory itself, or an entry to be opened, failed for good. */
  abstract void refused(SystemCall call, TreeNode directory, byte[] name, int errno)
      throws PosixException;

  /**
   * A subdirectory was opened and its status just read.
   *
   * @return whether to read it
   */
  abstract boolean enter(TreeNode directory) throws PosixException;

  /**
   * All below a directory is done.
   *
   * @return false to read it once more from its beginning
   */
  abstract boolean leave(TreeNode directory) throws PosixException;
}
