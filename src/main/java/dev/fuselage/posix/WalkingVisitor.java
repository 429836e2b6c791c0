package dev.fuselage.posix;

/** A visitor that only looks: what changes or goes during the walk is no part of it. */
abstract class WalkingVisitor extends TreeVisitor {
  WalkingVisitor(Calls calls) {
    super(calls);
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
