package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoTestReportTest {
  private static final String OUTPUT =
      """
      === RUN   TestSuite
      === RUN   TestSuite/Good
      === PAUSE TestSuite/Good
      === RUN   TestSuite/Bad
      === PAUSE TestSuite/Bad
      === CONT  TestSuite/Good
          a.go:1: all is well
      === CONT  TestSuite/Bad
          a.go:2: something is wrong
      --- FAIL: TestSuite (0.00s)
          --- PASS: TestSuite/Good (0.10s)
          --- FAIL: TestSuite/Bad (1.20s)
              a.go:3: and worse
      --- PASS: TestOther (0.00s)
          --- FAIL: TestOther/Bad (0.00s)
      FAIL
      """;

  private final GoTestReport report = GoTestReport.of(OUTPUT, "TestSuite");

  @Test
  void countsTheSubtestsOfOneTestAlone() {
    assertThat(report.outcomes())
        .isEqualTo(Map.of("TestSuite/Good", List.of("PASS"), "TestSuite/Bad", List.of("FAIL")));
  }

  @Test
  void namesWhatFailedWithItsOwnLog() {
    assertThat(report.failures())
        .contains("TestSuite/Bad [FAIL]", "something is wrong", "and worse")
        .doesNotContain("all is well", "TestOther");
  }

  @Test
  void aTestThatWasSkippedOrFailedOnceDidNotPass() {
    String twice =
        """
        --- PASS: TestSuite (0.00s)
            --- PASS: TestSuite/Good (0.10s)
        --- PASS: TestSuite (0.00s)
            --- SKIP: TestSuite/Good (0.10s)
        """;

    assertThat(GoTestReport.of(twice, "TestSuite").failures())
        .contains("TestSuite/Good [PASS, SKIP]");
  }
}
