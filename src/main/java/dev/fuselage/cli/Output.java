package dev.fuselage.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * A stream of text in UTF-8 whose failure ends the command. Java's own {@code System.out} goes on
 * silently after an error, and a listing for a reader that has gone would be made to its end. It
 * fails once, and drops what is still sent on the way out.
 */
final class Output extends Writer {
  private final Writer writer;
  private boolean failed;

  Output(OutputStream stream) {
    writer = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), 1 << 15);
  }

  /** Not an {@link IOException}, which the print streams above would swallow. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Failure(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  @Override
  public void write(char[] characters, int offset, int length) {
    attempt(() -> writer.write(characters, offset, length));
  }

  @Override
  public void flush() {
    attempt(writer::flush);
  }

  /** Flushes; the descriptor is the process', and stays open. */
  @Override
  public void close() {
    flush();
  }

  private void attempt(Step step) {
    if (failed) {
      return;
    }
    try {
      step.run();
    } catch (IOException e) {
      failed = true;
      throw new Failure(e);
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }
}
