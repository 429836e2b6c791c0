package dev.fuselage;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** What a test needs of its machine. */
public final class Needs {
  private Needs() {}

  /**
   * Skips the test where the need is not met, and prints the reason; fails it where CI=true, since
   * there nothing may go untested unnoticed.
   */
  public static void that(boolean met, String reason) {
    if (met) {
      return;
    }
    if ("true".equals(System.getenv("CI"))) {
      fail(reason);
    }
    System.out.println("Skipped: " + reason);
    abort(reason);
  }
}
