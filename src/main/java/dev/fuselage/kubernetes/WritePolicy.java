package dev.fuselage.kubernetes;

import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * When something is to be written to the API server: a change soon, but not often, the same again
 * seldom, and after a failure later and later. Used by one thread.
 */
final class WritePolicy {
  /** Between two writes, however much changes. */
  static final Duration BETWEEN = Duration.ofSeconds(30);

  /** Between two writes of the same, at least. */
  static final Duration REFRESH = Duration.ofMinutes(5);

  private final BackOff backOff;
  private Optional<Object> written = Optional.empty();
  private long writtenAt;
  private long refreshAt;

  /**
   * @param random from 0 to 1
   */
  WritePolicy(DoubleSupplier random) {
    backOff = new BackOff(random);
  }

  /**
   * Whether to write.
   *
   * @param nanos a clock of which only differences matter
   * @param significance of what would be written
   */
  boolean isDue(long nanos, Object significance) {
    if (backOff.isFailing()) {
      return backOff.isOver(nanos);
    }
    if (written.isEmpty()) {
      return true;
    }
    return written.get().equals(significance)
        ? nanos - refreshAt >= 0
        : nanos - writtenAt >= BETWEEN.toNanos();
  }

  void succeeded(long nanos, Object significance) {
    written = Optional.of(significance);
    writtenAt = nanos;
    refreshAt = nanos + backOff.spread(REFRESH);
    backOff.succeeded();
  }

  /** The next try is later than the one before. */
  void failed(long nanos) {
    backOff.failed(nanos);
  }

  /** The next try is late: what is wrong does not go by itself. */
  void refused(long nanos) {
    backOff.refused(nanos);
  }

  /** Whether the last try failed. */
  boolean isFailing() {
    return backOff.isFailing();
  }
}
