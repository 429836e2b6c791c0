package dev.fuselage.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a command left behind. */
record Output(List<String> line, int exitCode, String out, String err) {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /**
   * Runs a command to its end, whatever that is; longer than five minutes it may not take.
   *
   * @param input what it reads, empty for nothing
   */
  static Output of(ProcessBuilder builder, String input) {
    try {
      // Not pipes: a process that a command leaves behind would hold them open.
      Path in = Files.writeString(Files.createTempFile("fuselage-e2e", ".in"), input);
      Path out = Files.createTempFile("fuselage-e2e", ".out");
      Path err = Files.createTempFile("fuselage-e2e", ".err");
      try {
        Process process =
            builder
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Output output =
            new Output(
                builder.command(),
                ended ? process.exitValue() : -1,
                Files.readString(out),
                Files.readString(err));
        if (!ended) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          throw new AssertionError("it does not end: " + output);
        }
        return output;
      } finally {
        Files.delete(in);
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

  /** Itself, if the command succeeded. */
  Output succeeded() {
    if (exitCode != 0) {
      throw new AssertionError("it should have succeeded: " + this);
    }
    return this;
  }

  boolean isSuccess() {
    return exitCode == 0;
  }

  @Override
  public String toString() {
    return "%s%nexit code %d%n%s%s"
        .formatted(String.join(" ", line), exitCode, out.indent(2), err.indent(2));
  }
}
