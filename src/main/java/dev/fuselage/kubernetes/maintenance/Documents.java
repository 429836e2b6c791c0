package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.kubernetes.maintenance.Maintenance.Condition;
import dev.fuselage.kubernetes.maintenance.Maintenance.Spec;
import dev.fuselage.kubernetes.maintenance.Maintenance.Status;
import dev.fuselage.kubernetes.maintenance.Maintenance.Target;
import dev.fuselage.kubernetes.maintenance.Maintenance.Timetable;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** FuselageMaintenances as documents of the API server. */
final class Documents {
  private static final int SUCCESSES_KEPT = 3;
  private static final int FAILURES_KEPT = 1;

  private Documents() {}

  /**
   * @throws IllegalArgumentException if a newer version of Fuselage wrote it
   */
  static Maintenance read(GenericKubernetesResource document) {
    Fields all = new Fields(document.getAdditionalProperties());
    var metadata = document.getMetadata();
    return new Maintenance(
        metadata.getName(),
        metadata.getUid(),
        metadata.getResourceVersion(),
        Instant.parse(metadata.getCreationTimestamp()),
        Optional.ofNullable(metadata.getLabels())
            .flatMap(labels -> Optional.ofNullable(labels.get(Schedules.LABEL))),
        spec(all.in("spec")),
        status(all.in("status")));
  }

  private static Spec spec(Fields spec) {
    return new Spec(
        spec.texts("operations").stream().map(Operation::of).toList(),
        spec.has("nodes")
            ? new Target.Names(spec.texts("nodes"))
            : new Target.Labelled(selector(spec.in("nodeSelector"))),
        spec.number("maxConcurrent").orElse(1),
        duration(spec.text("deadline").orElse("24h")),
        spec.flag("suspend"),
        spec.number("ttlSecondsAfterFinished").map(Duration::ofSeconds),
        spec.text("schedule")
            .map(
                cron ->
                    new Timetable(
                        cron,
                        spec.text("timeZone").orElse("UTC"),
                        spec.number("successfulRunsHistoryLimit").orElse(SUCCESSES_KEPT),
                        spec.number("failedRunsHistoryLimit").orElse(FAILURES_KEPT))));
  }

  private static Duration duration(String text) {
    return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }

  /** In the form of kubectl's {@code -l}. */
  static String selector(Fields selector) {
    List<String> parts = new ArrayList<>();
    selector
        .in("matchLabels")
        .values()
        .forEach((key, value) -> parts.add("%s=%s".formatted(key, value)));
    for (Fields expression : selector.all("matchExpressions")) {
      String key = expression.text("key").orElse("");
      String values = String.join(",", expression.texts("values"));
      parts.add(
          switch (expression.text("operator").orElse("")) {
            case "In" -> "%s in (%s)".formatted(key, values);
            case "NotIn" -> "%s notin (%s)".formatted(key, values);
            case "Exists" -> key;
            case "DoesNotExist" -> "!" + key;
            default -> throw new IllegalArgumentException("an operator of a newer version");
          });
    }
    return String.join(",", parts);
  }

  private static Status status(Fields status) {
    return new Status(
        status.has("selected") ? Optional.of(status.texts("selected")) : Optional.empty(),
        status.time("startTime"),
        status.time("completionTime"),
        status.time("lastScheduleTime"),
        status.text("progress").orElse(""),
        status.all("nodes").stream()
            .map(Documents::node)
            .collect(Collectors.toMap(NodeProgress::node, Function.identity())),
        status.all("conditions").stream().map(Documents::condition).toList());
  }

  private static NodeProgress node(Fields node) {
    return new NodeProgress(
        node.text("name").orElse(""),
        Phase.of(node.text("phase").orElse("")),
        node.text("operation").map(Operation::of),
        node.text("message").orElse(""),
        node.number("attempts").orElse(1),
        node.time("startTime").orElse(Instant.EPOCH),
        node.time("completionTime"),
        node.all("results").stream()
            .map(
                result ->
                    new NodeProgress.Result(
                        Operation.of(result.text("operation").orElse("")),
                        result.text("message").orElse("")))
            .toList());
  }

  private static Condition condition(Fields condition) {
    return new Condition(
        condition.text("type").orElse(""),
        condition.text("status").orElse("").equals("True"),
        condition.text("reason").orElse(""),
        condition.text("message").orElse(""),
        condition.time("lastTransitionTime").orElse(Instant.EPOCH));
  }

  static Map<String, Object> write(NodeProgress progress) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("name", progress.node());
    node.put("phase", progress.phase().label());
    progress.operation().ifPresent(operation -> node.put("operation", operation.label()));
    node.put("message", progress.message());
    node.put("attempts", progress.attempts());
    node.put("startTime", Fields.time(progress.started()));
    progress.completed().ifPresent(time -> node.put("completionTime", Fields.time(time)));
    node.put(
        "results",
        progress.results().stream()
            .map(
                result ->
                    Map.of("operation", result.operation().label(), "message", result.message()))
            .toList());
    return node;
  }

  static Map<String, Object> write(Condition condition) {
    return Map.of(
        "type", condition.type(),
        "status", condition.holds() ? "True" : "False",
        "reason", condition.reason(),
        "message", condition.message(),
        "lastTransitionTime", Fields.time(condition.since()));
  }
}
