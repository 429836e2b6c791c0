package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.kubernetes.maintenance.Maintenance.Condition;
import dev.fuselage.kubernetes.maintenance.Maintenance.Spec;
import dev.fuselage.kubernetes.maintenance.Maintenance.Status;
import dev.fuselage.kubernetes.maintenance.Maintenance.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Maintenances for tests, begun at a known time. */
final class SomeMaintenance {
  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  static final Duration DEADLINE = Duration.ofHours(1);

  private SomeMaintenance() {}

  /** For two nodes, of which some have something to tell. */
  static Maintenance run(NodeProgress... told) {
    return of("run", Optional.of(List.of("a", "b")), List.of(), told);
  }

  static Maintenance finished(String name, String condition) {
    return of(
        name,
        Optional.of(List.of("a")),
        List.of(new Condition(condition, true, "Test", "", START)));
  }

  static Maintenance of(
      String name,
      Optional<List<String>> selected,
      List<Condition> conditions,
      NodeProgress... told) {
    return new Maintenance(
        name,
        "uid-" + name,
        "1",
        START.plusSeconds(name.hashCode() & 0xff),
        Optional.empty(),
        new Spec(
            List.of(Operation.CLEANUP),
            new Target.Names(List.of("a", "b")),
            1,
            DEADLINE,
            false,
            Optional.empty(),
            Optional.empty()),
        new Status(
            selected,
            Optional.of(START),
            Optional.empty(),
            Optional.empty(),
            "",
            Arrays.stream(told).collect(Collectors.toMap(NodeProgress::node, Function.identity())),
            conditions));
  }

  static NodeProgress succeeded(String node) {
    return NodeProgress.first(node, START).ended(Phase.SUCCEEDED, "", START);
  }

  static NodeProgress failed(String node, String why) {
    return NodeProgress.first(node, START).ended(Phase.FAILED, why, START);
  }

  static Map<String, Object> withOperator(String operator, Object values) {
    return Map.of("key", "tier", "operator", operator, "values", values);
  }
}
