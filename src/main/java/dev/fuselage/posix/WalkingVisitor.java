package dev.fuselage.posix;

/** A visitor that only looks: what changes or goes during the walk is no part of it. */
abstract class WalkingVisitor extends TreeVisitor {
  private static final int HOW = Flags.AT_SYMLINK_NOFOLLOW | Flags.AT_STATX_DONT_SYNC;

  private final int mask;

  /**
   * @param mask what of each entry's status it looks at, as statx takes it, the type among it
   */
  WalkingVisitor(Calls calls, int mask) {
    super(calls);
    this.mask = mask;
  }

  /**
   * Looks at an entry other than a directory, whose status was just read.
   *
   * @param name its address
   */
  abstract void met(TreeNode directory, long name) throws PosixException;

  /** Looks at a directory that was just opened and whose status was read. */
  abstract void entered(TreeNode directory) throws PosixException;

  @Override
  final boolean visit(TreeNode directory, long name, int type) throws PosixException {
    if (type == Flags.DT_DIR) {
      return true;
    }
    int result = calls.statx(directory.descriptor, name, HOW, mask);
    if (result < 0) {
      refused(SystemCall.STATX, directory, Calls.nameAt(name), -result);
      return false;
    }
    if (calls.statusIsDirectory()) {
      return true;
    }
    unreported++;
    met(directory, name);
    return false;
  }

  @Override
  final boolean enter(TreeNode directory) throws PosixException {
    unreported++;
    entered(directory);
    return true;
  }

  @Override
  final boolean mayOpen(TreeNode directory, byte[] name, int errno) throws PosixException {
    refused(SystemCall.OPENAT, directory, name, errno);
    return false;
  }

  @Override
  final void refused(SystemCall call, TreeNode directory, byte[] name, int errno)
      throws PosixException {
    switch (Errno.of(errno)) {
      case ENOENT, ENOTDIR, ELOOP, ESTALE, EINVAL -> {
        // Gone, or replaced by something else, as a link by a file.
      }
      default -> throw new PosixException(call.manualName(), directory.pathOf(name), errno);
    }
  }

  @Override
  final boolean leave(TreeNode directory) {
    return true;
  }
}
