package dev.fuselage.posix;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One job over a whole tree. It begins on the calling thread; once it has seen that the tree is not
 * small it asks the pool for helpers, and whoever has directories waiting keeps the queue filled
 * for those who have none. When it fails, every thread lets go of what it holds without doing
 * anything more, so that the last one closes the last descriptor.
 */
final class TreeTraversal {
  /** So many entries take about a millisecond, far more than it takes to wake a helper. */
  private static final int SMALL = 1000;

  private static final long CALLER_PATIENCE_MILLIS = 50;

  private final TreeWork work;
  private final Progress progress;
  private final Object progressLock = new Object();
  private final Queue<TreeShare> queue = new ArrayDeque<>();
  private volatile boolean hungry;
  private volatile @Nullable Throwable failure;
  private int threads = 1;
  private int active = 1;
  private boolean finished;
  // Both under the lock of progress.
  private long seen;
  private boolean enlisted;

  private TreeTraversal(TreeWork work, Progress progress) {
    this.work = work;
    this.progress = progress;
  }

  /** Hears how far the job is; one call at a time. */
  @FunctionalInterface
  interface Progress {
    /**
     * An unchecked exception from here ends the job.
     *
     * @param entries since the last call; 0 when the calling thread only waits for the others
     * @param calling whether this is the thread that asked for the job
     */
    void entries(int entries, boolean calling);
  }

  /** Does the job on the tree of that name, and returns when no thread is at it any more. */
  static void run(Directory parent, String name, TreeWork work, Progress progress)
      throws PosixException {
    try (Calls calls = Calls.borrow();
        Place place = Place.find(calls, parent, name, work.call())) {
      byte[] last = Calls.nameAt(place.name());
      int status = calls.statxOpened(place.directory(), Flags.STATX_BASIC_STATS);
      Directory.checked(status, SystemCall.STATX, name);
      TreeTraversal traversal = new TreeTraversal(work, progress);
      traversal.runFrom(TreeNode.ground(place.directory(), calls), last);
      traversal.rethrow();
    }
  }

  /** Whether a thread with directories waiting should leave some to the others. */
  boolean isHungry() {
    return hungry;
  }

  boolean isAbandoned() {
    return failure != null;
  }

  /** Ends the job; the first reason is the one that the caller gets. */
  synchronized void abandon(Throwable reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  synchronized void offer(TreeShare share) {
    queue.add(share);
    updateHunger();
    notifyAll();
  }

  /** Tells the caller's listener, and the job's own need of helpers, of entries dealt with. */
  void report(int entries, boolean calling) {
    try {
      synchronized (progressLock) {
        progress.entries(entries, calling);
        seen += entries;
        if (seen >= SMALL && !enlisted) {
          enlisted = true;
          TreePool.enlist(this::help);
        }
      }
    } catch (RuntimeException | Error reason) {
      abandon(reason);
    }
  }

  private void runFrom(TreeNode ground, byte[] name) {
    try (TreeWorker worker = new TreeWorker(this, work, true)) {
      try {
        worker.begin(ground, name);
      } catch (RuntimeException | Error reason) {
        abandon(reason);
      } finally {
        passive();
      }
      serve(worker);
    }
  }

  private void help() {
    synchronized (this) {
      if (finished) {
        return;
      }
      threads++;
      updateHunger();
    }
    try (TreeWorker worker = new TreeWorker(this, work, false)) {
      serve(worker);
    } finally {
      synchronized (this) {
        threads--;
        updateHunger();
      }
    }
  }

  private void serve(TreeWorker worker) {
    boolean interrupted = false;
    while (true) {
      TreeShare share;
      try {
        share = next(worker.isCalling() ? CALLER_PATIENCE_MILLIS : 0);
      } catch (InterruptedException later) {
        interrupted = true;
        continue;
      }
      if (share != null) {
        try {
          worker.take(share);
        } catch (RuntimeException | Error reason) {
          abandon(reason);
        } finally {
          passive();
        }
      } else if (isFinished()) {
        break;
      } else if (!isAbandoned()) {
        report(0, worker.isCalling());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next share to do; null when the job is finished or the patience is over (0 has no end). */
  private synchronized @Nullable TreeShare next(long patienceMillis) throws InterruptedException {
    boolean patient = true;
    while (true) {
      TreeShare share = queue.poll();
      if (share != null) {
        active++;
        updateHunger();
        return share;
      }
      if (active == 0) {
        finished = true;
        hungry = false;
        notifyAll();
        return null;
      }
      if (!patient) {
        return null;
      }
      wait(patienceMillis);
      patient = patienceMillis == 0;
    }
  }

  private synchronized void passive() {
    active--;
    if (active == 0) {
      notifyAll();
    }
  }

  private synchronized boolean isFinished() {
    return finished;
  }

  private void updateHunger() {
    hungry = !finished && queue.size() < threads - 1;
  }

  private void rethrow() throws PosixException {
    switch (failure) {
      case null -> {}
      case PosixException reason -> throw reason;
      case RuntimeException reason -> throw reason;
      case Error reason -> throw reason;
      default -> throw new AssertionError("nothing else is declared", failure);
    }
  }
}
