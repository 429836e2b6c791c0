package dev.fuselage.kubernetes;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that is told of a node, at one moment.
 *
 * @param setup how containerd's configuration stands
 * @param driver who joins layers
 * @param root the directory that everything is kept in
 * @param versions of what runs here, by what it is; what is not known is left out
 * @param disk empty before it was measured for the first time
 * @param backlog how many removed snapshots are still on the disk
 * @param lastCleanup when the trash was last emptied because somebody asked
 * @param lastVerify when a verification last came to its end
 * @param conditions one of each type
 * @param overLimit pods with a container that wrote more than its soft limit
 */
public record NodeFacts(
    Setup setup,
    String driver,
    String root,
    Map<String, String> versions,
    Optional<Disk> disk,
    long backlog,
    Optional<Instant> lastCleanup,
    Optional<Instant> lastVerify,
    Optional<Instant> lastBackup,
    List<Condition> conditions,
    List<OverLimit> overLimit) {

  /**
   * Who holds it. Sizes are bytes.
   *
   * @param capacity of the root's file system
   * @param free what an ordinary user may still write
   * @param usage what the root takes, by kind of owner
   * @param snapshots how many there are
   * @param unclaimed of snapshots that nobody has needed for long
   * @param topPods the pods that wrote most, largest first
   */
  public record Disk(
      long capacity,
      long free,
      Map<String, Long> usage,
      long snapshots,
      long unclaimed,
      List<PodUsage> topPods) {
    public Disk {
      usage = Map.copyOf(usage);
      topPods = List.copyOf(topPods);
    }

    long used() {
      return usage.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** What a pod wrote. */
  public record PodUsage(String namespace, String name, long bytes) {
    String fullName() {
      return namespace + "/" + name;
    }
  }

  /**
   * A pod with a container that wrote more than its soft limit.
   *
   * @param limit in bytes
   */
  public record OverLimit(String namespace, String name, String uid, long limit) {}

  public NodeFacts {
    versions = Map.copyOf(versions);
    conditions = List.copyOf(conditions);
    overLimit = List.copyOf(overLimit);
  }

  /** How it is with that. */
  Condition condition(ConditionType type) {
    return conditions.stream()
        .filter(condition -> condition.type() == type)
        .findFirst()
        .orElseGet(() -> new Condition(type, Condition.Status.UNKNOWN, "Unknown", "nobody looked"));
  }

  /** Whether that is known to be so. */
  boolean is(ConditionType type) {
    return condition(type).status() == Condition.Status.TRUE;
  }

  /** The same of a service that has stopped. */
  NodeFacts stopped() {
    Condition stopped =
        new Condition(
            ConditionType.READY,
            Condition.Status.FALSE,
            "Stopped",
            "the service was told to stop, and has not started again");
    List<Condition> all =
        conditions.stream()
            .map(condition -> condition.type() == ConditionType.READY ? stopped : condition)
            .toList();
    return with(all);
  }

  /** The same, with more conditions. */
  NodeFacts and(List<Condition> more) {
    return with(Stream.concat(conditions.stream(), more.stream()).toList());
  }

  private NodeFacts with(List<Condition> others) {
    return new NodeFacts(
        setup,
        driver,
        root,
        versions,
        disk,
        backlog,
        lastCleanup,
        lastVerify,
        lastBackup,
        others,
        overLimit);
  }

  /** What is worth a write of its own: equal to another's where no reader would mind. */
  Object significance() {
    return List.of(
        setup.mode(),
        driver,
        versions,
        conditions.stream()
            .map(condition -> List.of(condition.type(), condition.status(), condition.reason()))
            .toList(),
        disk.map(measured -> measured.topPods().stream().map(PodUsage::fullName).toList()));
  }
}
