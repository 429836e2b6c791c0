package dev.fuselage.posix;

import java.util.ArrayList;
import java.util.List;

/** The removal of a tree; each thread counts on its own, failures are kept together. */
final class TreeRemoval implements TreeWork {
  private static final int KEPT_FAILURES = 10;

  /**
   * How often a directory is read again that filled up, or showed not all, while it was emptied.
   */
  private static final int RESCANS = 8;

  private final List<Remover> removers = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private long failed;

  @Override
  public synchronized TreeVisitor visitor(Calls calls) {
    Remover remover = new Remover(calls);
    removers.add(remover);
    return remover;
  }

  @Override
  public int reportEvery() {
    return 64;
  }

  @Override
  public SystemCall call() {
    return SystemCall.UNLINKAT;
  }

  /** What happened, once no thread is at it any more. */
  synchronized TreeRemover.Outcome outcome() {
    long entries = removers.stream().mapToLong(remover -> remover.entries).sum();
    return new TreeRemover.Outcome(entries, failures, failed);
  }

  private synchronized void addFailure(String call, String path, int errno) {
    failed++;
    if (failures.size() < KEPT_FAILURES) {
      failures.add(PosixException.describe(call, path, errno));
    }
  }

  private final class Remover extends TreeVisitor {
    private long entries;

    Remover(Calls calls) {
      super(calls);
    }

    @Override
    boolean visit(TreeNode directory, long name, int type) {
      // Linux answers EISDIR for a directory, which saves asking where the type is not known.
      return type == Flags.DT_DIR || unlink(directory, name, 0, false) == Errno.EISDIR;
    }

    @Override
    boolean mayOpen(TreeNode directory, byte[] name, int errno) {
      switch (Errno.of(errno)) {
        case EACCES -> {
          openUp(directory);
          calls.changeMode(directory.descriptor, calls.name(name), Flags.OWNER_ALL);
          return true;
        }
        case ENOTDIR, ELOOP -> {
          unlink(directory, calls.name(name), 0, false);
          return false;
        }
        default -> {
          refused(SystemCall.OPENAT, directory, name, errno);
          return false;
        }
      }
    }

    @Override
    void refused(SystemCall call, TreeNode directory, byte[] name, int errno) {
      if (Errno.of(errno) != Errno.ENOENT) {
        directory.blocked = true;
        addFailure(call.manualName(), directory.pathOf(name), errno);
      }
    }

    @Override
    boolean enter(TreeNode directory) {
      TreeNode parent = directory.above();
      if (calls.statusMountRoot() || directory.device != parent.device) {
        refused(SystemCall.UNLINKAT, parent, directory.name, Errno.EBUSY.number());
        return false;
      }
      return true;
    }

    @Override
    boolean leave(TreeNode directory) {
      TreeNode parent = directory.above();
      if (directory.blocked) {
        parent.blocked = true;
        return true;
      }
      long name = calls.name(directory.name);
      boolean again = directory.rescans < RESCANS;
      Errno errno = unlink(parent, name, Flags.AT_REMOVEDIR, again);
      if (again && errno == Errno.ENOTEMPTY) {
        directory.rescans++;
        return false;
      }
      return true;
    }

    /** Deletes an entry or notes why not; UNKNOWN stands for success. */
    private Errno unlink(TreeNode directory, long name, int flags, boolean mayBeFull) {
      int result = calls.unlinkat(directory.descriptor, name, flags);
      if (result == -Errno.EACCES.number() && openUp(directory)) {
        result = calls.unlinkat(directory.descriptor, name, flags);
      }
      if (result == 0) {
        entries++;
        unreported++;
        return Errno.UNKNOWN;
      }
      Errno errno = Errno.of(-result);
      boolean expected = errno == Errno.EISDIR || (mayBeFull && errno == Errno.ENOTEMPTY);
      if (!expected) {
        refused(SystemCall.UNLINKAT, directory, Calls.nameAt(name), -result);
      }
      return errno;
    }

    /** Gives ourselves all rights in a directory of the tree, so never in the one it lies in. */
    private boolean openUp(TreeNode directory) {
      if (directory.parent == null) {
        return false;
      }
      int mode = (directory.mode & Flags.PERMISSION_MASK) | Flags.OWNER_ALL;
      return calls.call(SystemCall.FCHMOD, directory.descriptor, mode, 0, 0, 0) == 0;
    }
  }
}
