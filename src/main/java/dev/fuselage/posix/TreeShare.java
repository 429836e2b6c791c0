package dev.fuselage.posix;

/** A part of a directory that one thread leaves to another; it holds the directory. */
sealed interface TreeShare {
  TreeNode directory();

  /** Subdirectories to visit. */
  record Subdirectories(TreeNode directory, NameList names) implements TreeShare {}

  /**
   * Entries to visit.
   *
   * @param block as getdents64 wrote them
   */
  record Entries(TreeNode directory, byte[] block) implements TreeShare {}
}
