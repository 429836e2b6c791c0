package dev.fuselage;

import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.Optional;

/**
 * How often something is done by the clock.
 *
 * @param duration from one time to the next; empty for never, which is written {@code off}
 */
public record Interval(Optional<Duration> duration) {
  /**
   * Reads a configured value.
   *
   * @throws IllegalArgumentException if it is neither a time nor {@code off}
   */
  public static Interval of(String text) {
    if (text.equals("off")) {
      return new Interval(Optional.empty());
    }
    Duration duration = DurationConverter.parseDuration(text);
    return new Interval(duration.isZero() ? Optional.empty() : Optional.of(duration));
  }
}
