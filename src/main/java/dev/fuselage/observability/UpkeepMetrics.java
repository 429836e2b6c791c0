package dev.fuselage.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What metrics tell of the trash, of verification and of quarantine. All are asked for when
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
    gauge(
        "fuselage.trash.trees",
        "Removed snapshots that are not deleted yet",
        backlog,
        b -> b.get().trees());
    gauge(
        "fuselage.trash.known.entries",
        "Entries of the removed layers that are not deleted yet",
        backlog,
        b -> b.get().entries());
    gauge(
        "fuselage.trash.known.bytes",
        "Disk of the removed layers that are not deleted yet",
        backlog,
        b -> b.get().bytes());
    gauge(
        "fuselage.trash.oldest.age.seconds",
        "Age of the oldest tree in the trash",
        backlog,
        b -> b.get().oldestAgeSeconds());
  }

  /**
   * What the reaper has done.
   *
   * @param stuck trees that could not be deleted at their last try
   */
  public void watchReaper(
      LongSupplier entries, LongSupplier trees, LongSupplier failures, LongSupplier stuck) {
    counter("fuselage.reaper.entries", "Entries deleted, directories among them", entries);
    counter("fuselage.reaper.trees", "Removed snapshots deleted whole", trees);
    counter("fuselage.reaper.failures", "Times that a tree could not be deleted", failures);
    gauge(
        "fuselage.reaper.stuck.trees",
        "Trees that could not be deleted at their last try",
        stuck,
        LongSupplier::getAsLong);
  }

  /** What verifications looked at and found. */
  public void watchVerification(
      LongSupplier entries, LongSupplier damages, Supplier<Optional<Instant>> completed) {
    counter("fuselage.verify.entries", "Entries of layers that were verified", entries);
    counter("fuselage.verify.damages", "Findings that meant damage", damages);
    gauge(
        "fuselage.verify.completed.timestamp.seconds",
        "When a verification last came to its end, 0 if none did",
        completed,
        c -> c.get().map(Instant::getEpochSecond).orElse(0L).doubleValue());
  }

  /** How many snapshots may not be used. */
  public void watchQuarantine(LongSupplier snapshots) {
    gauge(
        "fuselage.quarantine.snapshots",
        "Snapshots that may not be used since they are damaged",
        snapshots,
        LongSupplier::getAsLong);
  }

  private void counter(String name, String description, LongSupplier value) {
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .register(registry);
  }

  private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
    Gauge.builder(name, source, value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }
}
