package dev.fuselage.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What metrics tell of the store, the trash, verification and quarantine. All are asked for when
 * somebody reads them, so that what is not read costs nothing.
 */
@Singleton
public final class UpkeepMetrics {
  private final MeterRegistry registry;

  UpkeepMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * What lies in the trash.
   *
   * @param entries and bytes of the layers in it; of other snapshots nobody counted
   */
  public record Backlog(long trees, long entries, long bytes, double oldestAgeSeconds) {}

  /** What the reaper has to do. */
  public void watchTrash(Supplier<Backlog> backlog) {
    gauge(Family.TRASH_TREES, backlog, b -> b.get().trees());
    gauge(Family.TRASH_ENTRIES, backlog, b -> b.get().entries());
    gauge(Family.TRASH_BYTES, backlog, b -> b.get().bytes());
    gauge(Family.TRASH_OLDEST, backlog, b -> b.get().oldestAgeSeconds());
  }

  /**
   * What the reaper has done.
   *
   * @param stuck trees that could not be deleted at their last try
   */
  public void watchReaper(
      LongSupplier entries, LongSupplier trees, LongSupplier failures, LongSupplier stuck) {
    counter(Family.REAPER_ENTRIES, entries);
    counter(Family.REAPER_TREES, trees);
    counter(Family.REAPER_FAILURES, failures);
    gauge(Family.REAPER_STUCK, stuck, LongSupplier::getAsLong);
  }

  /** What verifications looked at and found. */
  public void watchVerification(
      LongSupplier entries, LongSupplier damages, Supplier<Optional<Instant>> completed) {
    counter(Family.VERIFY_ENTRIES, entries);
    counter(Family.VERIFY_DAMAGES, damages);
    gauge(Family.VERIFY_COMPLETED, completed, UpkeepMetrics::seconds);
  }

  /** Whether layers can be made. */
  public void watchCanary(Supplier<Optional<Instant>> success, Supplier<Duration> duration) {
    gauge(Family.CANARY_SUCCESS, success, UpkeepMetrics::seconds);
    gauge(Family.CANARY_DURATION, duration, d -> d.get().toNanos() / 1e9);
  }

  /**
   * The store and its backups.
   *
   * @param backup when the youngest one was made; empty if none is known
   * @param every how often one is to be made; empty for never
   */
  public void watchStore(
      BooleanSupplier healthy, Supplier<Optional<Instant>> backup, Optional<Duration> every) {
    gauge(Family.STORE_HEALTHY, healthy, h -> h.getAsBoolean() ? 1 : 0);
    gauge(Family.BACKUP_COMPLETED, backup, UpkeepMetrics::seconds);
    gauge(Family.BACKUP_INTERVAL, every.orElse(Duration.ZERO), Duration::toSeconds);
  }

  private static double seconds(Supplier<Optional<Instant>> time) {
    return time.get().map(Instant::getEpochSecond).orElse(0L).doubleValue();
  }

  /** How many snapshots may not be used. */
  public void watchQuarantine(LongSupplier snapshots) {
    gauge(Family.QUARANTINE_SNAPSHOTS, snapshots, LongSupplier::getAsLong);
  }

  private void counter(Family family, LongSupplier value) {
    FunctionCounter.builder(family.metric(), value, LongSupplier::getAsLong)
        .description(family.help())
        .register(registry);
  }

  private <T> void gauge(Family family, T source, ToDoubleFunction<T> value) {
    Gauge.builder(family.metric(), source, value)
        .description(family.help())
        .strongReference(true)
        .register(registry);
  }
}
