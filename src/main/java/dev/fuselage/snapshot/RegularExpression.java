package dev.fuselage.snapshot;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.function.Predicate;

/**
 * Go's regular expressions, evaluated in time linear in the text. A client may send any, so what
 * would take much memory or stack is refused before it is compiled.
 */
final class RegularExpression {
  /** The most steps of a compiled expression; a match may take as many for each character. */
  private static final long MOST_STEPS = 10_000;

  private static final int MOST_CHARACTERS = 16_384;

  private RegularExpression() {}

  /**
   * Whether a text holds something that the expression matches; never, if Go compiles no such
   * expression.
   *
   * @throws SnapshotException INVALID_ARGUMENT, here or from the result, for an expression that is
   *     larger than we evaluate
   */
  static Predicate<String> compile(String expression) {
    if (expression.length() > MOST_CHARACTERS) {
      throw tooLarge(expression);
    }
    GoExpression read = GoExpression.of(expression);
    if (read.refused()) {
      return text -> false;
    }
    if (read.steps() > MOST_STEPS) {
      throw tooLarge(expression);
    }
    try {
      Pattern pattern = Pattern.compile(read.text());
      return text -> find(pattern, text);
    } catch (PatternSyntaxException matchesNothing) {
      return text -> false;
    } catch (StackOverflowError deep) {
      throw tooLarge(expression);
    }
  }

  private static boolean find(Pattern pattern, String text) {
    try {
      return pattern.matcher(text).find();
    } catch (StackOverflowError deep) {
      throw tooLarge(pattern.pattern());
    }
  }

  private static SnapshotException tooLarge(String expression) {
    return SnapshotException.invalidArgument(
        "filter: the regular expression %s is larger than this service evaluates",
        Quote.of(expression));
  }
}
