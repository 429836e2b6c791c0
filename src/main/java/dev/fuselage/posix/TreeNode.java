package dev.fuselage.posix;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A directory while it or anything below it is being visited. Whoever has work in it holds it: the
 * one that reads it, each of its subdirectories under way, each share given to another thread. The
 * last one to let go completes it. Fields without a word on threads are written before a node is
 * shared or after its last hold is gone.
 */
final class TreeNode {
  static final int CLOSED = -1;
  private static final int PATH_LIMIT = 4096;

  final @Nullable TreeNode parent;
  final byte[] name;
  final int depth;
  final long device;
  final long inode;
  final int mode;
  final AtomicInteger holds = new AtomicInteger(1);

  /** {@link #CLOSED} for a deep directory while its subdirectory is visited. */
  int descriptor;

  /** Something below could not be deleted, so this cannot either. Set by any holder. */
  volatile boolean blocked;

  int rescans;

  /** What stands for its path from the root of a surveyed tree on. */
  long place;

  private TreeNode(@Nullable TreeNode parent, byte[] name, int depth, int descriptor, Calls calls) {
    this.parent = parent;
    this.name = name;
    this.depth = depth;
    this.descriptor = descriptor;
    this.device = calls.statusDevice();
    this.inode = calls.statusInode();
    this.mode = calls.statusMode();
  }

  /** The directory that the tree lies in, itself never completed. Its status was just read. */
  static TreeNode ground(int descriptor, Calls calls) {
    TreeNode node = new TreeNode(null, new byte[0], 0, descriptor, calls);
    node.holds.incrementAndGet();
    return node;
  }

  /** A subdirectory that was just opened and its status read. */
  TreeNode child(byte[] childName, int opened, Calls calls) {
    return new TreeNode(this, childName, depth + 1, opened, calls);
  }

  boolean isOpen() {
    return descriptor != CLOSED;
  }

  /** The node above one that is not the ground. */
  TreeNode above() {
    if (parent == null) {
      throw new IllegalStateException("the ground has nothing above it");
    }
    return parent;
  }

  /** Whether the status that was just read is this directory's. */
  boolean matches(Calls calls) {
    return calls.statusInode() == inode && calls.statusDevice() == device;
  }

  /** The path of an entry from the tree's root on; of a very deep one only the end. */
  String pathOf(byte[] entry) {
    Deque<String> components = new ArrayDeque<>();
    components.addFirst(Names.shown(entry));
    int length = entry.length;
    for (TreeNode node = this; node.parent != null; node = node.parent) {
      length += node.name.length + 1;
      if (length > PATH_LIMIT) {
        components.addFirst("...");
        break;
      }
      components.addFirst(Names.shown(node.name));
    }
    return String.join("/", components);
  }

  String path() {
    return parent == null ? "." : parent.pathOf(name);
  }
}
