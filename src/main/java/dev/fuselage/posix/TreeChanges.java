package dev.fuselage.posix;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The search of a tree for what was changed after some time. */
final class TreeChanges implements TreeWork {
  private static final int HOW = Flags.AT_SYMLINK_NOFOLLOW | Flags.AT_STATX_DONT_SYNC;

  private final Instant since;
  private final int most;
  private final List<String> paths = new ArrayList<>();

  TreeChanges(Instant since, int most) {
    this.since = since;
    this.most = most;
  }

  @Override
  public TreeVisitor visitor(Calls calls) {
    return new Finder(calls);
  }

  @Override
  public int reportEvery() {
    return 256;
  }

  @Override
  public SystemCall call() {
    return SystemCall.STATX;
  }

  /** The first that were met, once no thread looks any more. */
  synchronized List<String> paths() {
    return List.copyOf(paths);
  }

  private synchronized void add(String path) {
    if (paths.size() < most) {
      paths.add(path);
    }
  }

  private final class Finder extends WalkingVisitor {
    Finder(Calls calls) {
      super(calls);
    }

    @Override
    boolean visit(TreeNode directory, long name, int type) throws PosixException {
      if (type == Flags.DT_DIR) {
        return true;
      }
      int result = calls.statx(directory.descriptor, name, HOW, Flags.STATX_BASIC_STATS);
      if (result < 0) {
        refused(SystemCall.STATX, directory, Calls.nameAt(name), -result);
        return false;
      }
      if (calls.statusIsDirectory()) {
        return true;
      }
      unreported++;
      addIfChanged(directory, Calls.nameAt(name));
      return false;
    }

    @Override
    boolean enter(TreeNode directory) {
      unreported++;
      addIfChanged(directory.above(), directory.name);
      return true;
    }

    private void addIfChanged(TreeNode directory, byte[] name) {
      if (calls.statusChanged().isAfter(since)) {
        add(directory.pathOf(name));
      }
    }
  }
}
