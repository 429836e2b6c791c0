package dev.fuselage.posix;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Opens directories again that gave up their descriptor: as ".." of a subdirectory, or, if that is
 * another directory by now, by the names from the nearest open one on. Each is known again by its
 * device and inode, so a directory moved away meanwhile leads nobody astray.
 */
final class WayBack {
  private final Calls calls;

  WayBack(Calls calls) {
    this.calls = calls;
  }

  void shut(TreeNode node) {
    if (node.isOpen()) {
      calls.close(node.descriptor);
      node.descriptor = TreeNode.CLOSED;
    }
  }

  /** Leaves the node closed where it cannot be found any more. */
  void reopen(TreeNode node, TreeNode child) {
    if (child.isOpen()) {
      node.descriptor = openIfSame(child.descriptor, calls.dotDot(), node);
    }
    if (!node.isOpen()) {
      node.descriptor = openByNames(node);
    }
  }

  private int openByNames(TreeNode node) {
    Deque<TreeNode> way = new ArrayDeque<>();
    TreeNode start = node;
    while (!start.isOpen()) {
      way.addFirst(start);
      start = start.above();
    }
    int reached = start.descriptor;
    for (TreeNode step : way) {
      int opened = openIfSame(reached, calls.name(step.name), step);
      if (reached != start.descriptor) {
        calls.close(reached);
      }
      if (opened == TreeNode.CLOSED) {
        return TreeNode.CLOSED;
      }
      reached = opened;
    }
    return reached;
  }

  private int openIfSame(int directory, long name, TreeNode expected) {
    int opened = calls.openat(directory, name, Flags.OPEN_DIRECTORY);
    if (opened < 0) {
      return TreeNode.CLOSED;
    }
    if (calls.statxOpened(opened, Flags.STATX_INO) == 0 && expected.matches(calls)) {
      return opened;
    }
    calls.close(opened);
    return TreeNode.CLOSED;
  }
}
