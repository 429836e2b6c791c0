package dev.fuselage.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 500ms}, {@code 10s}, {@code 2m} or {@code 1h}. */
final class TimeoutConverter implements ITypeConverter<Duration> {
  private static final Pattern TIMEOUT = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  @Override
  public Duration convert(String text) {
    Matcher matcher = TIMEOUT.matcher(text);
    if (!matcher.matches()) {
      throw invalid(text);
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration timeout =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (timeout.isZero()) {
      throw invalid(text);
    }
    return timeout;
  }

  private static TypeConversionException invalid(String text) {
    return new TypeConversionException("'" + text + "' is not a time such as 500ms, 10s or 2m");
  }
}
