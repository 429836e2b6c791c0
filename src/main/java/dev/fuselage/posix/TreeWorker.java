package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One thread's part of a traversal: depth first, without recursion, so that depth costs heap alone.
 *
 * <p>Down to {@link #SHARED_DEPTH} each directory under way stays open, and parts of it may go to
 * other threads. Below that a directory is this thread's own and gives its descriptor up while the
 * thread is further down, so that a tree of any depth costs few.
 */
final class TreeWorker implements AutoCloseable {
  static final int SHARED_DEPTH = 32;

  /** A smaller block is done before another thread has looked at it. */
  private static final int BLOCK_WORTH_SHARING = 4096;

  private final TreeTraversal traversal;
  private final boolean calling;
  private final int reportEvery;
  private final Arena arena = Arena.ofConfined();
  private final Calls calls = Calls.borrow();
  private final EntryBuffer entries = new EntryBuffer(arena);
  private final TreeVisitor visitor;
  private final WayBack wayBack = new WayBack(calls);
  private final Deque<Frame> stack = new ArrayDeque<>();

  TreeWorker(TreeTraversal traversal, TreeWork work, boolean calling) {
    this.traversal = traversal;
    this.calling = calling;
    this.reportEvery = work.reportEvery();
    this.visitor = work.visitor(calls);
  }

  /** A directory and those of its subdirectories that this thread is to visit. */
  private record Frame(TreeNode directory, NameList names) {}

  boolean isCalling() {
    return calling;
  }

  /** Visits the tree of that name. */
  void begin(TreeNode ground, byte[] name) {
    try {
      if (visitor.visit(ground, calls.name(name), Flags.DT_UNKNOWN)) {
        stack.addLast(new Frame(ground, NameList.of(name)));
      }
    } catch (PosixException reason) {
      traversal.abandon(reason);
    }
    finish();
  }

  /** Does a part that another thread has left. */
  void take(TreeShare share) {
    NameList names =
        switch (share) {
          case TreeShare.Subdirectories subdirectories -> subdirectories.names();
          case TreeShare.Entries block -> {
            NameList found = new NameList();
            entries.load(block.block());
            visitEntries(block.directory(), found);
            yield found;
          }
        };
    stack.addLast(new Frame(share.directory(), names));
    finish();
  }

  @Override
  public void close() {
    calls.close();
    arena.close();
  }

  private void finish() {
    while (!stack.isEmpty()) {
      if (traversal.isHungry()) {
        share();
      }
      Frame frame = stack.getLast();
      TreeNode directory = frame.directory();
      if (frame.names().isEmpty() || !directory.isOpen() || traversal.isAbandoned()) {
        stack.removeLast();
        letGo(directory);
      } else {
        descend(directory, frame.names().take());
      }
    }
    report();
  }

  private void descend(TreeNode parent, byte[] name) {
    try {
      int opened = open(parent, name);
      if (opened < 0) {
        return;
      }
      int status = calls.statxOpened(opened, Flags.STATX_BASIC_STATS);
      if (status < 0) {
        calls.close(opened);
        visitor.refused(SystemCall.STATX, parent, name, -status);
        return;
      }
      TreeNode node = parent.child(name, opened, calls);
      if (!visitor.enter(node)) {
        calls.close(opened);
        return;
      }
      parent.holds.incrementAndGet();
      if (parent.depth >= SHARED_DEPTH) {
        wayBack.shut(parent);
      }
      read(node);
    } catch (PosixException reason) {
      traversal.abandon(reason);
    }
  }

  private int open(TreeNode parent, byte[] name) throws PosixException {
    int opened = calls.openat(parent.descriptor, calls.name(name), Flags.OPEN_DIRECTORY);
    if (opened < 0 && visitor.mayOpen(parent, name, -opened)) {
      opened = calls.openat(parent.descriptor, calls.name(name), Flags.OPEN_DIRECTORY);
      if (opened < 0) {
        visitor.refused(SystemCall.OPENAT, parent, name, -opened);
      }
    }
    return opened;
  }

  /** Visits the entries of a directory that this thread holds, and leaves a frame on the stack. */
  private void read(TreeNode node) {
    NameList found = new NameList();
    stack.addLast(new Frame(node, found));
    try {
      while (!traversal.isAbandoned()) {
        int filled = entries.fill(calls, node.descriptor);
        if (filled < 0) {
          node.blocked = filled != -Errno.ENOENT.number();
          visitor.refused(SystemCall.GETDENTS64, node.above(), node.name, -filled);
        }
        if (filled <= 0) {
          return;
        }
        if (filled >= BLOCK_WORTH_SHARING && node.depth < SHARED_DEPTH && traversal.isHungry()) {
          node.holds.incrementAndGet();
          traversal.offer(new TreeShare.Entries(node, entries.copy()));
        } else {
          visitEntries(node, found);
        }
      }
    } catch (PosixException reason) {
      traversal.abandon(reason);
    }
  }

  private void visitEntries(TreeNode directory, NameList found) {
    try {
      while (entries.next()) {
        if (visitor.visit(directory, entries.nameAddress(), entries.type())) {
          found.add(entries.name());
        }
        if (visitor.unreported >= reportEvery) {
          report();
          if (traversal.isAbandoned()) {
            return;
          }
        }
      }
    } catch (PosixException reason) {
      traversal.abandon(reason);
    }
  }

  /**
   * Gives half of the names that wait nearest to the root away, likely the most work; never the
   * last one, or threads would hand it to each other for ever.
   */
  private void share() {
    Frame richest = null;
    for (Frame frame : stack) {
      if (frame.names().isEmpty()) {
        continue;
      }
      if (richest == null && frame.directory().depth < SHARED_DEPTH) {
        richest = frame;
      } else if (richest == null) {
        return;
      }
      if (frame != richest || frame.names().hasSeveral()) {
        richest.directory().holds.incrementAndGet();
        NameList half = richest.names().split();
        traversal.offer(new TreeShare.Subdirectories(richest.directory(), half));
        return;
      }
    }
  }

  /** Ends this thread's hold, and completes every directory that nobody holds any more. */
  private void letGo(TreeNode directory) {
    TreeNode node = directory;
    while (node.parent != null) {
      if (node.holds.decrementAndGet() > 0) {
        return;
      }
      if (!node.parent.isOpen()) {
        wayBack.reopen(node.parent, node);
      }
      if (!complete(node)) {
        node.holds.set(1);
        calls.call(SystemCall.LSEEK, node.descriptor, 0, 0, 0, 0);
        read(node);
        return;
      }
      wayBack.shut(node);
      node = node.parent;
    }
    node.holds.decrementAndGet();
  }

  private boolean complete(TreeNode node) {
    if (traversal.isAbandoned()) {
      return true;
    }
    try {
      TreeNode parent = node.above();
      if (!parent.isOpen()) {
        visitor.refused(SystemCall.OPENAT, parent.above(), parent.name, Errno.ESTALE.number());
        return true;
      }
      boolean left = visitor.leave(node);
      if (visitor.unreported >= reportEvery) {
        report();
      }
      return left || !node.isOpen();
    } catch (PosixException reason) {
      traversal.abandon(reason);
      return true;
    }
  }

  private void report() {
    if (visitor.unreported > 0) {
      traversal.report(visitor.unreported, calling);
      visitor.unreported = 0;
    }
  }
}
