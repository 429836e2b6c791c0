package dev.fuselage.kubernetes;

import java.time.Duration;
import java.time.Instant;

/** A time that passes when it is told to, from noon on. */
final class PassingTime {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private volatile Duration passed = Duration.ZERO;

  synchronized void pass(Duration more) {
    passed = passed.plus(more);
  }

  Instant now() {
    return NOON.plus(passed);
  }

  long nanos() {
    return passed.toNanos();
  }
}
