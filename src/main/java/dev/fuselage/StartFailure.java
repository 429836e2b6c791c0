package dev.fuselage;

import dev.fuselage.cli.ExitCode;
import io.smallrye.config.ConfigValidationException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What kept Quarkus itself from starting, in a sentence instead of a stack trace. */
record StartFailure(ExitCode exitCode, String sentence) {
  static StartFailure of(Throwable failure) {
    List<Throwable> causes =
        Stream.iterate(Optional.of(failure), Optional::isPresent, at -> at.map(Throwable::getCause))
            .map(Optional::orElseThrow)
            .toList();
    for (Throwable cause : causes) {
      if (cause instanceof ConfigValidationException invalid) {
        return new StartFailure(ExitCode.BAD_CONFIGURATION, sentence(invalid));
      }
    }
    return new StartFailure(
        ExitCode.FAILED, "cannot start: " + oneLine(causes.getLast().toString()));
  }

  private static String sentence(ConfigValidationException invalid) {
    return IntStream.range(0, invalid.getProblemCount())
        .mapToObj(i -> oneLine(invalid.getProblem(i).getMessage()))
        .collect(Collectors.joining("; ", "the configuration is not valid: ", ""));
  }

  /** Without what means nothing to an operator. */
  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").replaceAll("java\\.[\\w.]+Exception: |SRCFG\\d+: ", "");
  }
}
