package dev.fuselage.grpc;

import io.grpc.Status;
import org.jboss.logging.Logger;

/**
 * One line for each call that failed, in logfmt. A client's mistake never brings a stack trace with
 * it, and nothing that a client sends can end the line or look like another field of it.
 */
final class CallLog {
  private static final Logger LOG = Logger.getLogger(CallLog.class);

  /** Of a key or message; enough to recognise it by. */
  private static final int MOST_CHARACTERS = 256;

  private CallLog() {}

  /**
   * @param key empty if the call has none, or none could be read
   */
  static void failed(String operation, String key, Status.Code code, String message) {
    Logger.Level level = level(code);
    if (LOG.isEnabled(level)) {
      LOG.log(level, line(operation, key, code, message));
    }
  }

  /** A defect of ours. */
  static void unexpected(String operation, String key, Throwable failure) {
    LOG.error(line(operation, key, Status.Code.UNAVAILABLE, "unexpected: " + failure), failure);
  }

  private static Logger.Level level(Status.Code code) {
    return switch (code) {
      // containerd asks and retries so all day long.
      case OK, NOT_FOUND, ALREADY_EXISTS -> Logger.Level.DEBUG;
      case CANCELLED,
          DEADLINE_EXCEEDED,
          INVALID_ARGUMENT,
          FAILED_PRECONDITION,
          UNIMPLEMENTED,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          OUT_OF_RANGE,
          ABORTED ->
          Logger.Level.INFO;
      case UNAVAILABLE, RESOURCE_EXHAUSTED, UNKNOWN, INTERNAL, DATA_LOSS -> Logger.Level.WARN;
    };
  }

  static String line(String operation, String key, Status.Code code, String message) {
    StringBuilder line = new StringBuilder(128).append("op=").append(operation);
    if (!key.isEmpty()) {
      line.append(" key=\"").append(escaped(key)).append('"');
    }
    return line.append(" code=")
        .append(code)
        .append(" message=\"")
        .append(escaped(message))
        .append('"')
        .toString();
  }

  /** The text without anything that could end a line, hide in it or leave its quotes. */
  static String escaped(String text) {
    int length = Math.min(text.length(), MOST_CHARACTERS);
    int plain = 0;
    while (plain < length && isPlain(text.charAt(plain))) {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(length + 16).append(text, 0, plain);
    int at = plain;
    while (at < length) {
      int character = text.codePointAt(at);
      append(escaped, character);
      at += Character.charCount(character);
    }
    if (at < text.length()) {
      escaped.append('…');
    }
    return escaped.toString();
  }

  private static boolean isPlain(char character) {
    return character >= ' ' && character <= '~' && character != '"' && character != '\\';
  }

  private static void append(StringBuilder escaped, int character) {
    switch (character) {
      case '"' -> escaped.append("\\\"");
      case '\\' -> escaped.append("\\\\");
      case '\n' -> escaped.append("\\n");
      case '\r' -> escaped.append("\\r");
      case '\t' -> escaped.append("\\t");
      default -> {
        if (isVisible(character)) {
          escaped.appendCodePoint(character);
        } else {
          for (char unit : Character.toChars(character)) {
            escaped.append("\\u");
            String digits = Integer.toHexString(unit);
            escaped.repeat('0', 4 - digits.length()).append(digits);
          }
        }
      }
    }
  }

  private static boolean isVisible(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
