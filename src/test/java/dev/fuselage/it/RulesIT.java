package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Prometheus' own tool says of our rules. */
class RulesIT {
  private static final Path RULES = Path.of("deploy", "prometheus", "fuselage.rules.yaml");
  private static final Path TESTS = Path.of("src", "test", "prometheus", "rules-test.yaml");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void theRulesAreCleanAndFireAsTheirTestsSay() {
    String promtool = promtool();

    workspace.run(promtool, "check", "rules", absolute(RULES)).succeeded();
    workspace.run(promtool, "test", "rules", absolute(TESTS)).succeeded();
  }

  @Test
  void everyAlertHasATestAndARunbook() throws IOException {
    List<String> alerts =
        ALERT.matcher(Files.readString(RULES)).results().map(found -> found.group(1)).toList();
    String tests = Files.readString(TESTS);

    assertThat(alerts)
        .isNotEmpty()
        .allSatisfy(
            alert -> {
              assertThat(tests).contains("- name: " + alert + "\n");
              assertThat(Path.of("docs", "runbooks", alert + ".md")).exists();
            });
  }

  private static String promtool() {
    Optional<Path> promtool = Parts.onPath("promtool");
    Needs.that(promtool.isPresent(), "promtool is missing: install the package prometheus");
    return promtool.orElseThrow().toString();
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().toString();
  }
}
