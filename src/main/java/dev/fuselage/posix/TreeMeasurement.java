package dev.fuselage.posix;

import java.util.ArrayList;
import java.util.List;

/**
 * The sum over a tree; each thread adds up on its own, they share the inodes with several links.
 */
final class TreeMeasurement implements TreeWork {
  private static final int MASK =
      Flags.STATX_TYPE | Flags.STATX_NLINK | Flags.STATX_INO | Flags.STATX_BLOCKS;
  private static final int HOW = Flags.AT_SYMLINK_NOFOLLOW | Flags.AT_STATX_DONT_SYNC;

  private final InodeSet linked = new InodeSet();
  private final List<Adder> adders = new ArrayList<>();

  @Override
  public synchronized TreeVisitor visitor(Calls calls) {
    Adder adder = new Adder(calls);
    adders.add(adder);
    return adder;
  }

  @Override
  public int reportEvery() {
    return 256;
  }

  @Override
  public SystemCall call() {
    return SystemCall.STATX;
  }

  /** The sum, once no thread adds any more. */
  synchronized TreeWalker.Totals totals() {
    long blocks = 0;
    long inodes = 0;
    for (Adder adder : adders) {
      blocks += adder.blocks;
      inodes += adder.inodes;
    }
    return new TreeWalker.Totals(blocks * 512, inodes);
  }

  private final class Adder extends WalkingVisitor {
    private long blocks;
    private long inodes;

    Adder(Calls calls) {
      super(calls);
    }

    @Override
    boolean visit(TreeNode directory, long name, int type) throws PosixException {
      if (type == Flags.DT_DIR) {
        return true;
      }
      int result = calls.statx(directory.descriptor, name, HOW, MASK);
      if (result < 0) {
        refused(SystemCall.STATX, directory, Calls.nameAt(name), -result);
        return false;
      }
      if (calls.statusIsDirectory()) {
        return true;
      }
      unreported++;
      if (calls.statusLinks() <= 1 || linked.add(calls.statusDevice(), calls.statusInode())) {
        add();
      }
      return false;
    }

    @Override
    boolean enter(TreeNode directory) {
      unreported++;
      add();
      return true;
    }

    private void add() {
      inodes++;
      blocks += calls.statusBlocks();
    }
  }
}
