package dev.fuselage.observability;

import dev.fuselage.cleanup.Canary;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;

/** Ready once the {@link Canary} made a layer, and for as long as it does. */
@Singleton
public final class CanaryCheck implements HealthCheck {
  private volatile Optional<Canary> canary = Optional.empty();

  /** Tells of this one from now on. */
  public void follow(Canary followed) {
    canary = Optional.of(followed);
  }

  @Override
  public String name() {
    return "canary";
  }

  @Override
  public Probe probe() {
    return Probe.READY;
  }

  @Override
  public Health health() {
    return canary
        .map(followed -> health(followed.verdict()))
        .orElseGet(() -> new Health(false, "starting"));
  }

  private static Health health(Canary.Verdict verdict) {
    return switch (verdict) {
      case Canary.Verdict.Well(Duration took, Duration ago) ->
          new Health(
              true,
              "made an empty layer %d s ago, in %d ms".formatted(ago.toSeconds(), took.toMillis()));
      case Canary.Verdict.Ill(String why) -> new Health(false, why);
      case Canary.Verdict.Unasked() -> new Health(true, "switched off");
    };
  }
}
