package dev.fuselage.snapshot;

import java.util.function.IntPredicate;

/** The text of a filter, and how far it has been read. */
final class FilterText {
  /** Stands for the character after the last one. */
  static final int END = -1;

  private static final int REPLACEMENT_CHARACTER = 0xFFFD;

  private final String text;
  private int position;

  /**
   * A text of which nothing has been read.
   *
   * @throws SnapshotException INVALID_ARGUMENT for a character that may stand nowhere in a filter
   */
  FilterText(String text) {
    this.text = text;
    skipWhile(character -> !isForbidden(character));
    if (peek() != END) {
      throw invalid("a character that no filter may hold");
    }
    position = 0;
  }

  // Go decodes what is not UTF-8 as U+FFFD, and containerd takes the one for the other.
  private static boolean isForbidden(int character) {
    return character == 0
        || character == REPLACEMENT_CHARACTER
        || Character.getType(character) == Character.SURROGATE;
  }

  /** The next character, a Unicode code point, or {@link #END}. */
  int peek() {
    return position < text.length() ? text.codePointAt(position) : END;
  }

  /** As {@link #peek()}, and goes past it. */
  int next() {
    int character = peek();
    if (character != END) {
      position += Character.charCount(character);
    }
    return character;
  }

  /** Goes past the next character if it is the one expected. */
  boolean skip(int expected) {
    if (peek() != expected) {
      return false;
    }
    next();
    return true;
  }

  void skipSpace() {
    skipWhile(FilterText::isSpace);
  }

  /** The longest run of such characters from here, which may be empty. */
  String takeWhile(IntPredicate wanted) {
    int start = position;
    skipWhile(wanted);
    return text.substring(start, position);
  }

  private void skipWhile(IntPredicate wanted) {
    while (peek() != END && wanted.test(peek())) {
      next();
    }
  }

  /** Unicode's white space, which is neither of Java's two notions of it. */
  static boolean isSpace(int character) {
    return Character.isSpaceChar(character)
        || (character >= '\t' && character <= '\r')
        || character == 0x85;
  }

  SnapshotException invalid(String what) {
    return SnapshotException.invalidArgument(
        "filter %s: %s, at character %d",
        Quote.of(text), what, text.codePointCount(0, position) + 1);
  }
}
