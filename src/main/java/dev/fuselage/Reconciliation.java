package dev.fuselage;

import dev.fuselage.cleanup.Reconciler;
import dev.fuselage.cleanup.Schedule;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * When records and directories are brought together: at the start, by the clock, and when the store
 * is back; never twice at once. One that fails is given up until its next time.
 */
final class Reconciliation {
  private static final Logger LOG = Logger.getLogger(Reconciliation.class);
  private static final String NAME = "reconcile";

  private final Reconciler reconciler;
  private final Schedule schedule;
  private final Duration every;
  private final Runnable afterEach;
  private volatile Supplier<Optional<SnapshotId>> settled = Optional::empty;

  /**
   * @param every between two by the clock; zero for none
   * @param afterEach run after each, also after one that was given up: its trash and its reserve
   *     must not wait an hour for the next
   */
  Reconciliation(Reconciler reconciler, Schedule schedule, Duration every, Runnable afterEach) {
    if (every.isNegative()) {
      throw new IllegalArgumentException(
          "fuselage.reconcile.every is a time such as 1h, or 0 to reconcile at the start alone");
    }
    this.reconciler = reconciler;
    this.schedule = schedule;
    this.every = every;
    this.afterEach = afterEach;
  }

  /**
   * Begins, while calls are served.
   *
   * @param atStart the last id that no call can have been given; empty if the store does not tell,
   *     so that there is nothing to reconcile with at the start
   * @param settled such an id as it is later; empty while there is none
   */
  void begin(Optional<SnapshotId> atStart, Supplier<Optional<SnapshotId>> settled) {
    this.settled = settled;
    atStart.ifPresent(
        last -> schedule.every(Duration.ZERO, Duration.ZERO, NAME, () -> reconcile(last)));
    if (every.isPositive()) {
      schedule.every(every, every, NAME, this::run);
    }
  }

  /** Has one run soon, beside the calls; nothing if one is at it. */
  void runNow() {
    schedule.every(Duration.ZERO, Duration.ZERO, NAME, this::run);
  }

  private void run() {
    Optional<SnapshotId> last;
    try {
      last = settled.get();
    } catch (SnapshotException e) {
      giveUp(e);
      return;
    } catch (UnknownOutcomeException e) {
      giveUp(e.failure());
      return;
    }
    last.ifPresent(this::reconcile);
  }

  private void reconcile(SnapshotId last) {
    try {
      Reconciler.Report report = reconciler.run(last);
      LOG.infof(
          "op=reconcile orphans=%d damaged=%d foreign=%d failed=%d",
          report.orphans(), report.damaged(), report.foreign(), report.failed());
    } catch (PosixException | SnapshotException e) {
      giveUp(e);
      return;
    }
    afterEach.run();
  }

  private void giveUp(Exception why) {
    LOG.errorf("op=reconcile given up until its next time: %s", why.getMessage());
    afterEach.run();
  }
}
