package dev.fuselage.snapshot;

/**
 * How large a part of a regular expression is.
 *
 * @param steps about the number of its instructions once compiled
 * @param repetitions the most often that anything in it is written out
 */
record ExpressionPart(long steps, long repetitions) {
  static final ExpressionPart NOTHING = new ExpressionPart(0, 1);
  static final ExpressionPart ONE = new ExpressionPart(1, 1);

  // Far over every limit, and far from an overflow when multiplied by a repetition.
  private static final long COUNTLESS = 1L << 40;

  ExpressionPart and(ExpressionPart other) {
    return new ExpressionPart(
        Math.min(steps + other.steps, COUNTLESS), Math.max(repetitions, other.repetitions));
  }

  /** This part under a quantifier; a count of 0 or 1 writes it out once. */
  ExpressionPart times(long count) {
    long copies = Math.max(count, 1);
    return new ExpressionPart(
        Math.min((steps + 1) * copies, COUNTLESS), Math.min(repetitions * copies, COUNTLESS));
  }
}
