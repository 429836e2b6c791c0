package dev.fuselage;

import dev.fuselage.cli.ExitCode;
import io.quarkus.runtime.QuarkusBindException;
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
      if (cause instanceof QuarkusBindException taken) {
        return new StartFailure(
            ExitCode.FAILED,
            "management HTTP can't listen on "
                + taken.getHost()
                + ":"
                + taken.getPort()
                + ", which another process may have: stop that one, or set QUARKUS_HTTP_PORT to"
                + " another port, 0 for any free one");
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
