package dev.fuselage.observability.page;

import dev.fuselage.admin.Report;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Has the disk measured while somebody looks or asks: every ten seconds, or so much less often that
 * it takes a twentieth of one core.
 */
final class Freshness {
  private static final Logger LOG = Logger.getLogger(Freshness.class);

  private static final Duration SHORTEST = Duration.ofSeconds(10);
  private static final int PAUSE_PER_WORK = 20;

  private final Executor threads;
  private final Supplier<Optional<Sources>> sources;
  private final LongSupplier nanos;
  private final AtomicBoolean measuring = new AtomicBoolean();
  private volatile long due;

  Freshness(Executor threads, Supplier<Optional<Sources>> sources, LongSupplier nanos) {
    this.threads = threads;
    this.sources = sources;
    this.nanos = nanos;
    due = nanos.getAsLong();
  }

  /** Asks for a report if it is time to, and does not wait for it. */
  void keep() {
    Optional<Sources> asked = sources.get();
    if (asked.isEmpty() || nanos.getAsLong() - due < 0 || !measuring.compareAndSet(false, true)) {
      return;
    }
    try {
      threads.execute(() -> measure(asked.get()));
    } catch (RejectedExecutionException e) {
      measuring.set(false);
    }
  }

  private void measure(Sources asked) {
    Duration pause = SHORTEST;
    try {
      Report report = asked.owners().report(Call.PATIENT);
      Duration fair = report.took().multipliedBy(PAUSE_PER_WORK);
      pause = fair.compareTo(SHORTEST) > 0 ? fair : SHORTEST;
    } catch (SnapshotException e) {
      LOG.debugf("op=page %s", e.getMessage());
    } finally {
      due = nanos.getAsLong() + pause.toNanos();
      measuring.set(false);
    }
  }
}
