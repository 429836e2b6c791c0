package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** A node at its part of a maintenance, on a thread of its own. */
final class Job implements Call {
  private static final Logger LOG = Logger.getLogger(Job.class);

  private final Maintenance maintenance;
  private final String slot;
  private final NodeOperations operations;
  private final Clock clock;
  private final AtomicReference<Optional<Cancelled>> cancelled =
      new AtomicReference<>(Optional.empty());
  private final Thread thread;
  private volatile NodeProgress progress;
  private volatile boolean ended;

  /**
   * @param slot the Lease that it is its turn by
   * @param begun what it begins with: what is done is not done again
   * @param onEnd run when it has ended, on its thread
   */
  Job(
      Maintenance maintenance,
      String slot,
      NodeProgress begun,
      NodeOperations operations,
      Clock clock,
      Runnable onEnd) {
    this.maintenance = maintenance;
    this.slot = slot;
    this.operations = operations;
    this.clock = clock;
    progress = begun;
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("maintenance-job")
            .unstarted(
                () -> {
                  run();
                  ended = true;
                  onEnd.run();
                });
  }

  void begin() {
    thread.start();
  }

  String uid() {
    return maintenance.uid();
  }

  Maintenance maintenance() {
    return maintenance;
  }

  String slot() {
    return slot;
  }

  NodeProgress progress() {
    return progress;
  }

  Optional<Cancelled> cancelled() {
    return cancelled.get();
  }

  /** Whether it does no more, and {@link #progress} is its last word. */
  boolean hasEnded() {
    return ended;
  }

  /** Has it stop at its next step; the first reason counts. */
  void cancel(Cancelled reason) {
    cancelled.compareAndSet(Optional.empty(), Optional.of(reason));
  }

  /** Waits for its end; the answer is whether it came. */
  boolean join(Duration patience) throws InterruptedException {
    return thread.join(patience);
  }

  @Override
  public void check() {
    cancelled()
        .ifPresent(
            reason -> {
              throw new SnapshotException(SnapshotException.Code.CANCELLED, reason.sentence());
            });
  }

  private void run() {
    Optional<Operation> interrupted = progress.operation();
    for (Operation operation : maintenance.spec().operations()) {
      if (progress.hasDone(operation)) {
        continue;
      }
      progress = progress.at(operation, "");
      try {
        check();
        NodeOperations.Outcome outcome =
            operations.run(
                operation,
                interrupted.equals(Optional.of(operation)),
                this,
                text -> progress = progress.at(operation, text));
        progress = progress.with(new NodeProgress.Result(operation, outcome.message()));
        LOG.infof(
            "op=maintenance name=%s operation=%s %s",
            maintenance.name(), operation.label(), outcome.message());
        if (!outcome.success()) {
          fail(operation, outcome.message());
          return;
        }
      } catch (SnapshotException e) {
        stopped(operation, String.valueOf(e.getMessage()));
        return;
      } catch (RuntimeException e) {
        LOG.errorf(e, "op=maintenance name=%s operation=%s", maintenance.name(), operation.label());
        stopped(operation, String.valueOf(e.getMessage()));
        return;
      }
    }
    progress = progress.ended(Phase.SUCCEEDED, "", clock.instant());
  }

  private void stopped(Operation operation, String message) {
    Optional<Cancelled> reason = cancelled();
    if (reason.isEmpty()) {
      fail(operation, message);
      return;
    }
    switch (reason.get()) {
      case SUSPENDED -> progress = progress.suspended();
      case DEADLINE -> fail(operation, reason.get().sentence());
      case DELETED, STOPPING -> {}
    }
  }

  private void fail(Operation operation, String message) {
    progress =
        progress.ended(
            Phase.FAILED, "%s: %s".formatted(operation.label(), message), clock.instant());
  }
}
