package dev.fuselage.posix;

import java.util.ArrayList;
import java.util.List;

/**
 * The sum over a tree; each thread adds up on its own, they share the inodes with several links.
 */
final class TreeMeasurement implements TreeWalk {
  private static final int MASK =
      Flags.STATX_TYPE | Flags.STATX_NLINK | Flags.STATX_INO | Flags.STATX_BLOCKS;

  private final InodeSet linked = new InodeSet();
  private final List<Adder> adders = new ArrayList<>();

  @Override
  public synchronized WalkingVisitor visitor(Calls calls) {
    Adder adder = new Adder(calls);
    adders.add(adder);
    return adder;
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
      super(calls, MASK);
    }

    @Override
    void met(TreeNode directory, long name) {
      if (calls.statusLinks() <= 1 || linked.add(calls.statusDevice(), calls.statusInode())) {
        add();
      }
    }

    @Override
    void entered(TreeNode directory) {
      add();
    }

    private void add() {
      inodes++;
      blocks += calls.statusBlocks();
    }
  }
}
