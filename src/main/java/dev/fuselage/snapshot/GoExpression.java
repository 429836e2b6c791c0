package dev.fuselage.snapshot;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A regular expression of Go, read before it is compiled and without recursion, since a client may
 * send any: how large it would be, and how RE2/J must be told it. Of a text that is no expression
 * this says something; the compiler says the rest.
 *
 * @param text the same expression where RE2/J is stricter than Go, which allows two groups of one
 *     name and a quantifier after a brace that is only a character
 * @param steps about the number of instructions
 * @param refused whether Go refuses it where RE2/J does not: for counted repetitions that come to
 *     more than 1000 within each other, groups 1000 deep, or a backslash before a letter beyond
 *     ASCII
 */
record GoExpression(String text, long steps, boolean refused) {
  private static final int MOST_DEPTH = 1000;

  static GoExpression of(String expression) {
    return new Reader(expression).read();
  }

  /** A group that is still open: what is complete in it, and the last part, which may repeat. */
  private static final class Group {
    private ExpressionPart before = ExpressionPart.NOTHING;
    private ExpressionPart last = ExpressionPart.NOTHING;

    void add(ExpressionPart part) {
      before = before.and(last);
      last = part;
    }

    ExpressionPart close() {
      return before.and(last).and(new ExpressionPart(2, 1));
    }
  }

  private static final class Reader {
    private final String text;
    private final StringBuilder rewritten = new StringBuilder();
    private final Deque<Group> groups = new ArrayDeque<>();
    private int position;
    private int copied;
    private boolean refused;

    Reader(String text) {
      this.text = text;
      groups.push(new Group());
    }

    GoExpression read() {
      while (position < text.length()) {
        readPart(text.charAt(position++));
      }
      rewritten.append(text, copied, text.length());
      ExpressionPart whole = ExpressionPart.NOTHING;
      for (Group open : groups) {
        whole = whole.and(open.close());
      }
      return new GoExpression(rewritten.toString(), whole.steps(), refused);
    }

    private void readPart(char character) {
      switch (character) {
        case '\\' -> readEscape();
        case '[' -> readClass();
        case '(' -> readGroup();
        case ')' -> closeGroup();
        case '*', '+', '?' -> repeat(1);
        case '{' -> readBrace();
        default -> groups.element().add(ExpressionPart.ONE);
      }
    }

    private void readEscape() {
      if (text.startsWith("Q", position)) {
        int end = text.indexOf("\\E", position);
        int literals = (end < 0 ? text.length() : end) - position - 1;
        groups.element().add(new ExpressionPart(literals, 1));
        position = end < 0 ? text.length() : end + 2;
        return;
      }
      skipEscape();
      groups.element().add(ExpressionPart.ONE);
    }

    /** Past the character after a backslash, and what belongs to it: \x{10FFFF}, \p{Greek}. */
    private void skipEscape() {
      refused |= position < text.length() && text.charAt(position) >= 0x80;
      int close = -1;
      if (position + 1 < text.length()
          && "xpP".indexOf(text.charAt(position)) >= 0
          && text.charAt(position + 1) == '{') {
        close = text.indexOf('}', position);
      }
      position = close < 0 ? position + 1 : close + 1;
    }

    private void readClass() {
      if (text.startsWith("^", position)) {
        position++;
      }
      boolean first = true;
      while (position < text.length() && (first || text.charAt(position) != ']')) {
        first = false;
        readOfClass(text.charAt(position++));
      }
      position++;
      groups.element().add(ExpressionPart.ONE);
    }

    private void readOfClass(char character) {
      if (character == '\\') {
        skipEscape();
      } else if (character == '[' && text.startsWith(":", position)) {
        int end = text.indexOf(":]", position + 1);
        position = end < 0 ? position : end + 2;
      }
    }

    private void readGroup() {
      if (text.startsWith("?P<", position) || text.startsWith("?<", position)) {
        skipName();
      } else if (text.startsWith("?", position) && skipFlags() == ')') {
        // Flags alone are no part: what is before them can still be repeated.
        return;
      }
      groups.push(new Group());
      refused |= groups.size() > MOST_DEPTH;
    }

    private void skipName() {
      int start = text.indexOf('<', position) + 1;
      int end = start;
      while (end < text.length() && isOfName(text.charAt(end))) {
        end++;
      }
      if (end > start && text.startsWith(">", end)) {
        rewrite(position, "?:", end + 1);
      }
      position = end;
    }

    private static boolean isOfName(char character) {
      return character < 0x80 && (Character.isLetterOrDigit(character) || character == '_');
    }

    /** Past flags and the character that ends them, which it returns. */
    private char skipFlags() {
      position++;
      while (position < text.length()) {
        char character = text.charAt(position++);
        if (character == ':' || character == ')') {
          return character;
        }
      }
      return ':';
    }

    private void closeGroup() {
      if (groups.size() > 1) {
        ExpressionPart closed = groups.pop().close();
        groups.element().add(closed);
      }
    }

    private void readBrace() {
      CountedRepetition repetition = CountedRepetition.at(text, position);
      if (repetition.length() == 0) {
        rewrite(position - 1, "\\{", position);
        groups.element().add(ExpressionPart.ONE);
        return;
      }
      position += repetition.length();
      repeat(repetition.count());
    }

    private void repeat(long count) {
      Group group = groups.element();
      group.last = group.last.times(count);
      refused |= group.last.repetitions() > CountedRepetition.MOST;
    }

    private void rewrite(int start, String replacement, int end) {
      rewritten.append(text, copied, start).append(replacement);
      copied = end;
    }
  }
}
