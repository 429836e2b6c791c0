package dev.fuselage;

import dev.fuselage.kubernetes.Condition;
import dev.fuselage.kubernetes.Condition.Status;
import dev.fuselage.kubernetes.ConditionType;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.observability.UpkeepMetrics.Backlog;
import dev.fuselage.snapshot.SnapshotException;
import java.util.Optional;

/** What the cluster is told of each side of a node: whether it is well, and why not. */
final class NodeConditions {
  /** Deleting is slow, but no tree takes as long as this while nothing is wrong. */
  private static final double OLD_SECONDS = 600;

  private NodeConditions() {}

  /** Of what was not looked at yet. */
  static Condition unknown(ConditionType type) {
    return new Condition(type, Status.UNKNOWN, "NotLookedYet", "the service has just started");
  }

  /**
   * @param obstacle why nothing new should be sent here; empty if it should
   */
  static Condition ready(Optional<String> obstacle, StoreHealth health) {
    String reason = health instanceof StoreHealth.Healthy ? "NotServing" : "StoreUnavailable";
    return obstacle
        .map(why -> new Condition(ConditionType.READY, Status.FALSE, reason, why))
        .orElseGet(
            () ->
                new Condition(
                    ConditionType.READY,
                    Status.TRUE,
                    "Serving",
                    "calls are answered, layers made"));
  }

  static Condition storeHealthy(StoreHealth health) {
    ConditionType type = ConditionType.STORE_HEALTHY;
    return switch (health) {
      case StoreHealth.Healthy _ ->
          new Condition(type, Status.TRUE, "Healthy", "the store reads and writes");
      case StoreHealth.Failing(SnapshotException why) ->
          new Condition(type, Status.FALSE, "Failing", String.valueOf(why.getMessage()));
      case StoreHealth.Damaged(SnapshotException why) ->
          new Condition(type, Status.FALSE, "Damaged", String.valueOf(why.getMessage()));
    };
  }

  /**
   * @param shortage why new snapshots are refused; empty if they are not
   */
  static Condition diskPressure(Optional<String> shortage) {
    ConditionType type = ConditionType.DISK_PRESSURE;
    return shortage
        .map(why -> new Condition(type, Status.TRUE, "LowSpace", why))
        .orElseGet(
            () -> new Condition(type, Status.FALSE, "EnoughSpace", "new snapshots have room"));
  }

  /**
   * @param stuck trees that can't be deleted
   */
  static Condition reclaimBacklog(Backlog backlog, long stuck) {
    ConditionType type = ConditionType.RECLAIM_BACKLOG;
    if (stuck > 0) {
      return new Condition(
          type,
          Status.TRUE,
          "CannotDelete",
          "%d removed snapshots can't be deleted: `fuselage trash ls` says why".formatted(stuck));
    }
    if (backlog.oldestAgeSeconds() > OLD_SECONDS) {
      return new Condition(
          type,
          Status.TRUE,
          "Slow",
          "%d removed snapshots are still on the disk, some for more than %d minutes"
              .formatted(backlog.trees(), (long) OLD_SECONDS / 60));
    }
    return new Condition(type, Status.FALSE, "UpToDate", "what is removed is deleted soon");
  }

  /**
   * @param quarantined empty while the store does not tell
   */
  static Condition damaged(Optional<Long> quarantined) {
    ConditionType type = ConditionType.DAMAGED;
    return quarantined
        .map(
            count ->
                count == 0
                    ? new Condition(type, Status.FALSE, "Sound", "nothing is known to be damaged")
                    : new Condition(
                        type,
                        Status.TRUE,
                        "Quarantined",
                        "%d snapshots may not be used: `fuselage quarantine ls` says why"
                            .formatted(count)))
        .orElseGet(
            () ->
                new Condition(
                    type, Status.UNKNOWN, "StoreUnavailable", "the store can't be asked"));
  }
}
