package dev.fuselage.snapshot;

/**
 * A quantifier of a regular expression such as {@code {2,3}}.
 *
 * @param length its characters, 0 if the brace is only a character
 * @param count how often what it repeats is written out
 */
record CountedRepetition(int length, long count) {
  /** The most that Go allows, within each other included. */
  static final long MOST = 1000;

  private static final CountedRepetition NONE = new CountedRepetition(0, 0);

  /** Reads it after the brace that opens it. */
  static CountedRepetition at(String expression, int start) {
    int end = start;
    while (end < expression.length() && "0123456789,".indexOf(expression.charAt(end)) >= 0) {
      end++;
    }
    if (!expression.startsWith("}", end)) {
      return NONE;
    }
    String inside = expression.substring(start, end);
    int comma = inside.indexOf(',');
    String least = comma < 0 ? inside : inside.substring(0, comma);
    String most = comma < 0 ? inside : inside.substring(comma + 1);
    if (!isNumber(least) || !(most.isEmpty() || isNumber(most))) {
      return NONE;
    }
    return new CountedRepetition(end + 1 - start, number(most.isEmpty() ? least : most));
  }

  private static boolean isNumber(String digits) {
    return !digits.isEmpty()
        && digits.indexOf(',') < 0
        && (digits.length() == 1 || digits.charAt(0) != '0');
  }

  private static long number(String digits) {
    // One over the limit is as good as any number over it.
    return digits.length() > 4 ? MOST + 1 : Long.parseLong(digits);
  }
}
