package dev.fuselage;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** What a test needs of its machine. */
public final class Needs {
  private Needs() {}

  /**
   * Skips the test with the reason where the need is not met; fails it where CI=true, since there
   * nothing may go untested unnoticed.
   */
  public static void that(boolean met, String reason) {
    if (met) {
      return;
    }
    if ("true".equals(System.getenv("CI"))) {
      fail(reason);
    }
    abort(reason);
  }
}
