package dev.fuselage.cli;

/** Text from outside, made fit for a terminal, a line or a filter. */
final class Escapes {
  private Escapes() {}

  /**
   * The text with everything that could move a cursor, reorder a line or hide itself written as in
   * a Go string, a backslash as two.
   *
   * @param unicode whether the reader can show letters beyond ASCII
   */
  static String visible(String text, boolean unicode) {
    return escaped(text, unicode, false);
  }

  /** The same of a path that was written so already, so that a backslash is two. */
  static String visiblePath(String text, boolean unicode) {
    return visible(text, unicode).replace("\\\\", "\\");
  }

  /** The text as a quoted value of a containerd filter, which is a Go string. */
  static String quoted(String text) {
    return '"' + escaped(text, true, true) + '"';
  }

  private static String escaped(String text, boolean unicode, boolean quote) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                case '\\' -> escaped.append("\\\\");
                case '"' -> escaped.append(quote ? "\\\"" : "\"");
                default -> {
                  if (isPlain(point, unicode)) {
                    escaped.appendCodePoint(point);
                  } else {
                    escaped.append(String.format(point > 0xffff ? "\\U%08x" : "\\u%04x", point));
                  }
                }
              }
            });
    return escaped.toString();
  }

  private static boolean isPlain(int point, boolean unicode) {
    if (point < 0x7f) {
      return point >= ' ';
    }
    return unicode
        && switch (Character.getType(point)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR ->
              false;
          default -> true;
        };
  }
}
