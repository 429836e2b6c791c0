package dev.fuselage.posix;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The search of a tree for what was changed after some time. */
final class TreeChanges implements TreeWalk {
  private final Instant since;
  private final int most;
  private final List<String> paths = new ArrayList<>();

  TreeChanges(Instant since, int most) {
    this.since = since;
    this.most = most;
  }

  @Override
  public WalkingVisitor visitor(Calls calls) {
    return new Finder(calls);
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
      super(calls, Flags.STATX_BASIC_STATS);
    }

    @Override
    void met(TreeNode directory, long name) {
      addIfChanged(directory, Calls.nameAt(name));
    }

    @Override
    void entered(TreeNode directory) {
      addIfChanged(directory.above(), directory.name);
    }

    private void addIfChanged(TreeNode directory, byte[] name) {
      if (calls.statusChanged().isAfter(since)) {
        add(directory.pathOf(name));
      }
    }
  }
}
