package dev.fuselage.it;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What {@code go test -v} printed of the tests below one. */
final class GoTestReport {
  private static final Pattern TURN = Pattern.compile("=== (?:RUN|PAUSE|CONT|NAME) +(\\S+)");
  private static final Pattern END = Pattern.compile(" *--- (PASS|FAIL|SKIP): (\\S+) \\(.*\\)");
  private static final int LINES_OF_A_LOG = 40;

  private final Map<String, List<String>> outcomes = new LinkedHashMap<>();
  private final Map<String, List<String>> logs = new LinkedHashMap<>();

  private GoTestReport() {}

  /**
   * Reads a report.
   *
   * @param parent the test whose subtests are meant, all others are left out
   */
  static GoTestReport of(String output, String parent) {
    GoTestReport report = new GoTestReport();
    String current = "";
    for (String line : output.split("\n")) {
      Matcher turn = TURN.matcher(line);
      Matcher end = END.matcher(line);
      if (turn.matches()) {
        current = turn.group(1);
      } else if (end.matches()) {
        current = end.group(2);
        if (current.startsWith(parent + "/")) {
          report.outcomes.computeIfAbsent(current, _ -> new ArrayList<>()).add(end.group(1));
        }
      } else {
        report.logs.computeIfAbsent(current, _ -> new ArrayList<>()).add(line);
      }
    }
    return report;
  }

  /** How each test ended, each time it ran: PASS, FAIL or SKIP. */
  Map<String, List<String>> outcomes() {
    return outcomes;
  }

  /** The ends of the logs of those that did not pass each time, under their names. */
  String failures() {
    return outcomes.entrySet().stream()
        .filter(outcome -> outcome.getValue().stream().anyMatch(end -> !end.equals("PASS")))
        .map(outcome -> outcome.getKey() + " " + outcome.getValue() + "\n" + tail(outcome.getKey()))
        .collect(Collectors.joining("\n"));
  }

  private String tail(String name) {
    List<String> log = logs.getOrDefault(name, List.of());
    return String.join("\n", log.subList(Math.max(0, log.size() - LINES_OF_A_LOG), log.size()));
  }
}
