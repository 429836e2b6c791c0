package dev.fuselage.observability;

import dev.fuselage.admin.Report;
import dev.fuselage.metadata.SyncMeter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Every metric of ours. Prometheus sees the dots as underscores, and a timer's unit as seconds. */
@Singleton
public final class Metrics {
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60),
  };

  private final PrometheusMeterRegistry registry;
  private final Map<Outcome, Timer> timers = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();

  private record Outcome(String method, String code) {}

  Metrics(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * A call came in.
   *
   * @param method as containerd names it: {@code Prepare}, {@code Stat}, …
   */
  public void callStarted(String method) {
    inFlight(method).incrementAndGet();
  }

  /**
   * A call was answered.
   *
   * @param code in gRPC's words: {@code OK}, {@code NOT_FOUND}, …
   */
  public void callFinished(String method, String code, Duration elapsed) {
    inFlight(method).decrementAndGet();
    timers.computeIfAbsent(new Outcome(method, code), this::timer).record(elapsed);
  }

  /**
   * Tells of the disk from now on.
   *
   * @param lastReport empty before the first
   * @param syncs by what is synced
   */
  public void beginDisk(
      Supplier<Optional<Report>> lastReport, Map<String, Supplier<SyncMeter>> syncs) {
    registry.getPrometheusRegistry().register(new DiskMetrics(lastReport, syncs));
  }

  private AtomicInteger inFlight(String method) {
    return inFlight.computeIfAbsent(
        method,
        name -> {
          AtomicInteger count = new AtomicInteger();
          Gauge.builder("fuselage.rpc.in.flight", count, AtomicInteger::get)
              .description("Calls of containerd's snapshotter API under way")
              .tag("method", name)
              .strongReference(true)
              .register(registry);
          return count;
        });
  }

  private Timer timer(Outcome outcome) {
    return Timer.builder("fuselage.rpc.duration")
        .description("Time that calls of containerd's snapshotter API took")
        .tags("method", outcome.method(), "code", outcome.code())
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
