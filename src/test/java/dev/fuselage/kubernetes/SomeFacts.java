package dev.fuselage.kubernetes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Facts of a node that does not exist. */
public final class SomeFacts {
  private static final long MEBIBYTE = 1 << 20;

  private SomeFacts() {}

  public static NodeFacts of() {
    return facts(
        Optional.of(
            new NodeFacts.Disk(
                100 * 1024 * MEBIBYTE,
                10 * 1024 * MEBIBYTE,
                Map.of("images", 1486 * MEBIBYTE, "containers", 50 * MEBIBYTE),
                7,
                0,
                List.of(new NodeFacts.PodUsage("web", "writer", 50 * MEBIBYTE)))),
        new Condition(ConditionType.READY, Condition.Status.TRUE, "Serving", "it serves"));
  }

  /** Of a busy node: the sizes are others in each round, and in each shift others wrote most. */
  public static NodeFacts busy(long round, long shift) {
    List<NodeFacts.PodUsage> pods = new ArrayList<>();
    for (long pod = 0; pod < 10; pod++) {
      pods.add(
          new NodeFacts.PodUsage(
              "team-" + (shift + pod) % 10,
              "deployment-6d4cf56db6-%05d".formatted(shift * 10 + pod),
              (50 - pod) * MEBIBYTE + round));
    }
    return facts(
        Optional.of(
            new NodeFacts.Disk(
                100 * 1024 * MEBIBYTE,
                10 * 1024 * MEBIBYTE - round,
                Map.of("images", 1486 * MEBIBYTE, "containers", 500 * MEBIBYTE + round),
                700,
                round,
                pods)),
        new Condition(ConditionType.READY, Condition.Status.TRUE, "Serving", "it serves"));
  }

  static NodeFacts withoutDisk() {
    return with(Optional.empty(), "why");
  }

  static NodeFacts notReady(String why) {
    return with(Optional.empty(), why);
  }

  static NodeFacts with(Optional<NodeFacts.Disk> disk, String why) {
    return facts(
        disk, new Condition(ConditionType.READY, Condition.Status.FALSE, "NotServing", why));
  }

  static NodeFacts fullDisk() {
    return facts(
        Optional.empty(),
        List.of(),
        new Condition(ConditionType.READY, Condition.Status.TRUE, "Serving", "it serves"),
        new Condition(ConditionType.DISK_PRESSURE, Condition.Status.TRUE, "LowSpace", "1 MiB"));
  }

  static NodeFacts overLimit(String namespace, String name, String uid) {
    return facts(
        Optional.empty(), List.of(new NodeFacts.OverLimit(namespace, name, uid, 10 * MEBIBYTE)));
  }

  private static NodeFacts facts(Optional<NodeFacts.Disk> disk, Condition ready) {
    return facts(disk, List.of(), ready);
  }

  private static NodeFacts facts(
      Optional<NodeFacts.Disk> disk, List<NodeFacts.OverLimit> over, Condition... conditions) {
    return new NodeFacts(
        new Setup(
            Setup.Mode.RUNTIME_CLASS,
            Setup.State.COMPLETE,
            "Complete",
            "written",
            new Setup.Plugin.Ours()),
        "overlayfs",
        "/var/lib/fuselage",
        Map.of("fuselage", "1.2.3", "kernel", "6.18.0"),
        disk,
        3,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(conditions),
        over);
  }
}
