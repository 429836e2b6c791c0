package dev.fuselage.kubernetes;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;

/** When to try again what failed: later and later. Used by one thread. */
final class BackOff {
  static final Duration FIRST_RETRY = Duration.ofSeconds(5);
  static final Duration LAST_RETRY = Duration.ofMinutes(5);

  /** By which times are longer at most, so that nodes that began together come apart. */
  private static final double SPREAD = 0.1;

  private final DoubleSupplier random;
  private OptionalLong retryAt = OptionalLong.empty();
  private Duration retry = FIRST_RETRY;

  /**
   * @param random from 0 to 1
   */
  BackOff(DoubleSupplier random) {
    this.random = random;
  }

  /**
   * Whether it may be tried.
   *
   * @param nanos a clock of which only differences matter
   */
  boolean isOver(long nanos) {
    return retryAt.isEmpty() || nanos - retryAt.getAsLong() >= 0;
  }

  void succeeded() {
    retryAt = OptionalLong.empty();
    retry = FIRST_RETRY;
  }

  /** The next try is later than the one before. */
  void failed(long nanos) {
    retryAt = OptionalLong.of(nanos + spread(retry));
    Duration twice = retry.multipliedBy(2);
    retry = twice.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : twice;
  }

  /** The next try is late: what is wrong does not go by itself. */
  void refused(long nanos) {
    retry = LAST_RETRY;
    failed(nanos);
  }

  /** Whether the last try failed. */
  boolean isFailing() {
    return retryAt.isPresent();
  }

  /** A time, and a little more. */
  long spread(Duration time) {
    return (long) (time.toNanos() * (1 + SPREAD * random.getAsDouble()));
  }
}
