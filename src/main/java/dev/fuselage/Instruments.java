package dev.fuselage;

import dev.fuselage.cleanup.Canary;
import dev.fuselage.grpc.CallListener;
import dev.fuselage.grpc.FinishedCall;
import dev.fuselage.grpc.Heartbeat;
import dev.fuselage.observability.CanaryCheck;
import dev.fuselage.observability.HealthCheck;
import dev.fuselage.observability.LoopCheck;
import dev.fuselage.observability.Metrics;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.observability.SlowCalls;
import dev.fuselage.observability.UpkeepMetrics;
import dev.fuselage.observability.page.NodePage;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/** All by which the service shows how it fares. */
@Singleton
final class Instruments {
  /** Far beyond what a call on these threads may take, and what a busy machine makes of it. */
  private static final Duration LOOP_LIMIT = Duration.ofSeconds(30);

  private final Metrics metrics;
  private final UpkeepMetrics upkeep;
  private final ServiceState state;
  private final CanaryCheck canaryCheck;
  private final LoopCheck loopCheck;
  private final NodePage page;

  Instruments(
      Metrics metrics,
      UpkeepMetrics upkeep,
      ServiceState state,
      CanaryCheck canaryCheck,
      LoopCheck loopCheck,
      NodePage page) {
    this.metrics = metrics;
    this.upkeep = upkeep;
    this.state = state;
    this.canaryCheck = canaryCheck;
    this.loopCheck = loopCheck;
    this.page = page;
  }

  /** Why nothing new should be sent here, as the readiness probe tells; empty if it should. */
  Optional<String> obstacle() {
    ServiceState.State now = state.get();
    HealthCheck.Health canary = canaryCheck.health();
    return !now.serving()
        ? Optional.of(now.detail())
        : Optional.of(canary.detail()).filter(_ -> !canary.up());
  }

  Metrics metrics() {
    return metrics;
  }

  /** To be told of every call. */
  CallListener calls() {
    SlowCalls slowCalls = page.slowCalls();
    return new CallListener() {
      @Override
      public void started(String method) {
        metrics.callStarted(method);
      }

      @Override
      public void finished(FinishedCall call) {
        metrics.callFinished(call.method(), call.code(), call.elapsed());
        slowCalls.ended(
            call.method(),
            call.code(),
            call.key(),
            call.elapsed(),
            call.queued(),
            call.worked(),
            call.where());
      }
    };
  }

  UpkeepMetrics upkeep() {
    return upkeep;
  }

  ServiceState state() {
    return state;
  }

  NodePage page() {
    return page;
  }

  void follow(Canary canary) {
    canaryCheck.follow(canary);
    upkeep.watchCanary(canary::lastSuccess, canary::lastDuration);
  }

  void follow(Heartbeat heartbeat) {
    loopCheck.follow(() -> heartbeat.stuckFor(LOOP_LIMIT).map(Instruments::standstill));
  }

  private static LoopCheck.Standstill standstill(Heartbeat.Stuck stuck) {
    return new LoopCheck.Standstill(
        stuck.waitsForDisk(),
        "%s does not turn for %d s%s"
            .formatted(
                stuck.thread(),
                stuck.since().toSeconds(),
                stuck.waitsForDisk() ? ", it waits for the disk" : ""));
  }
}
