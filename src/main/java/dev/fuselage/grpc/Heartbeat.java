package dev.fuselage.grpc;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the threads that serve connections still turn: each is given a small task now and then,
 * and what counts is how long it has not got round to it.
 */
public final class Heartbeat {
  private final List<Loop> loops = new ArrayList<>();
  private final IntSupplier currentTask;
  private final IntPredicate waitsForDisk;
  private final LongSupplier nanoTime;

  /**
   * @param currentTask the kernel's number of the thread that calls
   * @param waitsForDisk whether the thread of such a number waits for a disk
   */
  Heartbeat(
      EventLoopGroup group,
      IntSupplier currentTask,
      IntPredicate waitsForDisk,
      LongSupplier nanoTime) {
    this.currentTask = currentTask;
    this.waitsForDisk = waitsForDisk;
    this.nanoTime = nanoTime;
    for (EventExecutor executor : group) {
      loops.add(new Loop(executor));
    }
  }

  /**
   * A thread that does not turn.
   *
   * @param since when its task waits for it
   * @param waitsForDisk whether it waits for a disk, which a restart would not help
   */
  public record Stuck(String thread, Duration since, boolean waitsForDisk) {}

  /** Gives each thread a task, unless one is waiting for it; from time to time, by anybody. */
  public void beat() {
    loops.forEach(Loop::beat);
  }

  /** The one whose task has waited for the longest, if that is longer than a limit. */
  public Optional<Stuck> stuckFor(Duration limit) {
    Optional<Stuck> worst = Optional.empty();
    for (Loop loop : loops) {
      Optional<Stuck> stuck = loop.stuckFor(limit);
      if (stuck.isPresent()
          && (worst.isEmpty() || stuck.get().since().compareTo(worst.get().since()) > 0)) {
        worst = stuck;
      }
    }
    return worst;
  }

  private final class Loop {
    private final EventExecutor executor;
    private final int index = loops.size();
    private volatile OptionalInt task = OptionalInt.empty();

    /** On the clock of {@link System#nanoTime}, when it was given a task; empty when it did it. */
    private volatile Optional<Long> waiting = Optional.empty();

    Loop(EventExecutor executor) {
      this.executor = executor;
    }

    void beat() {
      if (waiting.isPresent() || executor.isShuttingDown()) {
        return;
      }
      waiting = Optional.of(nanoTime.getAsLong());
      executor.execute(
          () -> {
            if (task.isEmpty()) {
              task = OptionalInt.of(currentTask.getAsInt());
            }
            waiting = Optional.empty();
          });
    }

    Optional<Stuck> stuckFor(Duration limit) {
      return waiting
          .map(since -> Duration.ofNanos(nanoTime.getAsLong() - since))
          .filter(age -> age.compareTo(limit) > 0)
          .map(
              age ->
                  new Stuck(
                      "socket loop " + index,
                      age,
                      task.isPresent() && waitsForDisk.test(task.getAsInt())));
    }
  }
}
