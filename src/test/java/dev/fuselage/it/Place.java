package dev.fuselage.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where commands are run: on the machine itself, or in namespaces of their own. */
interface Place {
  Duration PATIENCE = Duration.ofMinutes(5);

  /** Output is discarded and nothing inherited unless the caller says so. */
  ProcessBuilder command(List<String> line);

  /** The process itself, where the one that was started only waits for it. */
  default ProcessHandle inner(Process started) {
    return started.toHandle();
  }

  default ProcessBuilder command(String... line) {
    return command(List.of(line));
  }

  /** Runs a command to its end, whatever that is. */
  default Result run(String... line) {
    return run(command(line));
  }

  /** Runs a command to its end, whatever that is; longer than {@link #PATIENCE} it may not take. */
  static Result run(ProcessBuilder builder) {
    try {
      // Not pipes: a daemon that a command leaves behind would hold them open.
      Path out = Files.createTempFile("fuselage-it", ".out");
      Path err = Files.createTempFile("fuselage-it", ".err");
      try {
        Process process =
            builder
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
          boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
          Result result =
              new Result(
                  builder.command(),
                  ended ? process.exitValue() : -1,
                  Files.readString(out),
                  Files.readString(err));
          if (!ended) {
            throw new AssertionError("it does not end: " + result);
          }
          return result;
        } finally {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(builder.command() + " was interrupted", e);
    }
  }

  /** What a command left behind. */
  record Result(List<String> line, int exitCode, String out, String err) {
    /** Itself, if the command succeeded. */
    Result succeeded() {
      if (exitCode != 0) {
        throw new AssertionError("it should have succeeded: " + this);
      }
      return this;
    }

    @Override
    public String toString() {
      return "%s%nexit code %d%n%s%s"
          .formatted(String.join(" ", line), exitCode, out.indent(2), err.indent(2));
    }
  }
}
