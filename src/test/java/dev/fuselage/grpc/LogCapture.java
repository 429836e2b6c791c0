package dev.fuselage.grpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What one class logs from now on, at any level, and nobody else hears. */
final class LogCapture implements AutoCloseable {
  /** A line of the log. */
  record Line(int severity, String text, boolean hasStackTrace) {}

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

  LogCapture(Class<?> source) {
    logger = Logger.getLogger(source.getName());
    logger.setLevel(Level.ALL);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  List<Line> lines() {
    return lines;
  }

  List<String> texts() {
    return lines.stream().map(Line::text).toList();
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    logger.setLevel(null);
  }
}
