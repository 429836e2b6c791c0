package dev.fuselage.grpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What one class logs from now on, at any level, and nobody else hears. */
public final class LogCapture implements AutoCloseable {
  /** A line of the log. */
  public record Line(int severity, String text, boolean hasStackTrace) {}

  private final Logger logger;
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          lines.add(
              new Line(entry.getLevel().intValue(), entry.getMessage(), entry.getThrown() != null));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  /** Begins to listen, until it is closed. */
  public LogCapture(Class<?> source) {
    logger = Logger.getLogger(source.getName());
    logger.setLevel(Level.ALL);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  public List<Line> lines() {
    return lines;
  }

  public List<String> texts() {
    return lines.stream().map(Line::text).toList();
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    logger.setLevel(null);
  }
}
