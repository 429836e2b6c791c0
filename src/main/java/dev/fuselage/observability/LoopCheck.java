package dev.fuselage.observability;

import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Live while the threads that serve connections turn. One that waits for a disk does not count: a
 * restart would meet the same disk, and lose what is under way.
 */
@Singleton
public final class LoopCheck implements HealthCheck {
  private volatile Supplier<Optional<Standstill>> standstill = Optional::empty;

  /**
   * A thread that does not turn.
   *
   * @param excused whether a restart would not help
   * @param what for a person who asks why
   */
  public record Standstill(boolean excused, String what) {}

  /** Tells of these threads from now on. */
  public void follow(Supplier<Optional<Standstill>> followed) {
    standstill = followed;
  }

  @Override
  public String name() {
    return "loops";
  }

  @Override
  public Probe probe() {
    return Probe.LIVE;
  }

  @Override
  public Health health() {
    return standstill
        .get()
        .map(found -> new Health(found.excused(), found.what()))
        .orElseGet(() -> new Health(true, "the threads that serve connections turn"));
  }
}
