package dev.fuselage.metadata;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers that wait at the same time share one run of a costly action.
 *
 * <p>The first caller to come leads: it takes all who wait, itself among them, runs the action for
 * the lot, and hands the lead to the first of those who came meanwhile. So a lone caller pays for
 * no hand-over between threads, a crowd pays for one action, and nobody ever waits for company.
 */
public final class GroupCommit<T> {
  private final Object monitor = new Object();
  private final Consumer<List<T>> action;
  private final SyncMeter meter = new SyncMeter();
  private ArrayDeque<Waiter<T>> waiting = new ArrayDeque<>();
  private boolean led;

  /**
   * Shares the runs of one action, which never runs twice at the same time.
   *
   * @param action must not throw: how each item fared is for the items to carry
   */
  public GroupCommit(Consumer<List<T>> action) {
    this.action = action;
  }

  /** Returns when the action has been run for a list that holds the item. */
  public void run(T item) {
    Waiter<T> waiter = new Waiter<>(item);
    boolean leads;
    synchronized (monitor) {
      waiting.add(waiter);
      leads = !led;
      led = true;
    }
    if (!leads) {
      leads = waiter.await() == Turn.LEAD;
    }
    if (leads) {
      lead(waiter);
    }
  }

  /** What the runs took. */
  public SyncMeter meter() {
    return meter;
  }

  private void lead(Waiter<T> leader) {
    ArrayDeque<Waiter<T>> group;
    synchronized (monitor) {
      group = waiting;
      waiting = new ArrayDeque<>();
    }
    List<T> items = new ArrayList<>(group.size());
    group.forEach(waiter -> items.add(waiter.item));
    long began = System.nanoTime();
    try {
      action.accept(items);
    } finally {
      meter.record(System.nanoTime() - began, items.size());
      Waiter<T> next;
      synchronized (monitor) {
        next = waiting.peek();
        led = next != null;
      }
      if (next != null) {
        next.wake(Turn.LEAD);
      }
      for (Waiter<T> waiter : group) {
        if (waiter != leader) {
          waiter.wake(Turn.DONE);
        }
      }
    }
  }

  private enum Turn {
    LEAD,
    DONE
  }

  private static final class Waiter<T> {
    private final T item;
    private final Thread thread = Thread.currentThread();
    private volatile @Nullable Turn turn;

    Waiter(T item) {
      this.item = item;
    }

    Turn await() {
      boolean interrupted = false;
      while (true) {
        Turn given = turn;
        if (given != null) {
          if (interrupted) {
            thread.interrupt();
          }
          return given;
        }
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }

    void wake(Turn given) {
      turn = given;
      LockSupport.unpark(thread);
    }
  }
}
