package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.it.Place.Result;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** List's filters, compared with containerd's own package on generated ones. */
class FiltersIT {
  private static final Pattern SUMMARY =
      Pattern.compile("seed (\\d+): .* (\\d+) pairs of filter and snapshot.*");
  private static final int FEWEST_PAIRS = 5_000;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void listAnswersFiltersAsContainerdDoes() {
    ProcessBuilder builder =
        workspace.command(Parts.goTest("filters").toString(), "-test.v", "-test.count=1");
    builder.environment().put("FUSELAGE_COMMAND", Parts.launcher().toString());
    builder.environment().put("CI", "true");

    Result result = Place.run(builder);

    assertThat(result.exitCode()).as(result.toString()).isZero();
    MatchResult summary =
        SUMMARY.matcher(result.out()).results().findFirst().orElseThrow(AssertionError::new);
    System.out.println("filters compared with containerd's, " + summary.group());
    assertThat(Long.parseLong(summary.group(2))).isGreaterThanOrEqualTo(FEWEST_PAIRS);
  }
}
