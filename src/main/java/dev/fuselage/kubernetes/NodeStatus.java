package dev.fuselage.kubernetes;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The facts of a node as the status of a FuselageNode: docs/fuselagenode.md. */
final class NodeStatus {
  private NodeStatus() {}

  static Map<String, Object> of(NodeFacts facts, Transitions transitions, Instant now) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("lastReport", time(now));
    status.put("mode", facts.setup().mode().label());
    status.put("driver", facts.driver());
    status.put("root", facts.root());
    status.put("versions", facts.versions());
    status.put("backlog", Map.of("trees", facts.backlog()));
    facts.disk().ifPresent(disk -> putDisk(status, disk));
    put(status, "lastCleanup", facts.lastCleanup());
    put(status, "lastVerify", facts.lastVerify());
    put(status, "lastBackup", facts.lastBackup());
    status.put(
        "conditions",
        facts.conditions().stream()
            .map(condition -> condition(condition, transitions, now))
            .toList());
    return status;
  }

  private static void putDisk(Map<String, Object> status, NodeFacts.Disk disk) {
    status.put("capacityBytes", disk.capacity());
    status.put("freeBytes", disk.free());
    status.put("usage", disk.usage());
    status.put("snapshots", disk.snapshots());
    status.put("unclaimedBytes", disk.unclaimed());
    List<Map<String, Object>> topPods =
        disk.topPods().stream()
            .map(
                pod ->
                    Map.<String, Object>of(
                        "namespace", pod.namespace(), "name", pod.name(), "bytes", pod.bytes()))
            .toList();
    status.put("topPods", topPods);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("used", Sizes.of(disk.used()));
    summary.put("free", Sizes.of(disk.free()));
    summary.put("capacity", Sizes.of(disk.capacity()));
    summary.put("unclaimed", Sizes.of(disk.unclaimed()));
    disk.topPods().stream()
        .findFirst()
        .ifPresent(
            pod ->
                summary.put("topPod", "%s (%s)".formatted(pod.fullName(), Sizes.of(pod.bytes()))));
    status.put("summary", summary);
  }

  private static void put(Map<String, Object> status, String name, Optional<Instant> when) {
    when.ifPresent(instant -> status.put(name, time(instant)));
  }

  private static Map<String, Object> condition(
      Condition condition, Transitions transitions, Instant now) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", condition.type().label());
    fields.put("status", condition.status().label());
    fields.put("lastTransitionTime", time(transitions.since(condition, now)));
    fields.put("reason", condition.reason());
    fields.put("message", condition.message());
    return fields;
  }

  /** Kubernetes' times are whole seconds. */
  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
