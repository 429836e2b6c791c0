package dev.fuselage;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.OverLimit;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.cli.Version;
import dev.fuselage.containerd.View;
import dev.fuselage.install.Standing;
import dev.fuselage.kubernetes.Condition;
import dev.fuselage.kubernetes.ConditionType;
import dev.fuselage.kubernetes.NodeFacts;
import dev.fuselage.kubernetes.Setup;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.observability.UpkeepMetrics.Backlog;
import dev.fuselage.overlay.SpaceGuard;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Finds out what the cluster is told of this node. What the disk must be asked for is {@linkplain
 * #look looked at} beside, so that the {@linkplain #facts rest} can be told while a disk hangs.
 */
final class NodeFindings {
  private static final int MOST_PODS = 10;

  private final Identity identity;
  private final Supplier<Optional<Report>> report;
  private final Supplier<Optional<View>> view;
  private final Housekeeping housekeeping;
  private final SpaceGuard space;
  private final Supplier<StoreHealth> store;
  private final Supplier<Optional<String>> obstacle;
  private final Setup.Mode mode;
  private final Supplier<Standing> standing;
  private final Supplier<Optional<String>> containerdVersion;
  private final Supplier<Setup.Plugin> plugin;
  private volatile Seen seen =
      new Seen(
          0,
          Optional.empty(),
          Optional.empty(),
          new Setup.Plugin.Untold(),
          NodeConditions.unknown(ConditionType.DISK_PRESSURE),
          NodeConditions.unknown(ConditionType.RECLAIM_BACKLOG),
          NodeConditions.unknown(ConditionType.DAMAGED));

  /** What stays the same while the service runs. */
  record Identity(String driver, String root, Map<String, String> versions) {
    Identity(String driver, String root, Optional<String> fuseOverlayfs) {
      this(driver, root, versions(fuseOverlayfs));
    }

    private static Map<String, String> versions(Optional<String> fuseOverlayfs) {
      Map<String, String> versions = new TreeMap<>();
      versions.put("fuselage", Version.ofFuselage());
      versions.put("kernel", System.getProperty("os.version"));
      fuseOverlayfs.ifPresent(version -> versions.put("fuseOverlayfs", version));
      return versions;
    }
  }

  private record Seen(
      long backlog,
      Optional<Instant> lastVerify,
      Optional<String> containerd,
      Setup.Plugin plugin,
      Condition diskPressure,
      Condition reclaimBacklog,
      Condition damaged) {}

  NodeFindings(
      Identity identity,
      Supplier<Optional<Report>> report,
      Supplier<Optional<View>> view,
      Housekeeping housekeeping,
      SpaceGuard space,
      Supplier<StoreHealth> store,
      Supplier<Optional<String>> obstacle,
      Setup.Mode mode,
      Supplier<Standing> standing,
      Supplier<Optional<String>> containerdVersion,
      Supplier<Setup.Plugin> plugin) {
    this.identity = identity;
    this.report = report;
    this.view = view;
    this.housekeeping = housekeeping;
    this.space = space;
    this.store = store;
    this.obstacle = obstacle;
    this.mode = mode;
    this.standing = standing;
    this.containerdVersion = containerdVersion;
    this.plugin = plugin;
  }

  /** Looks at the disk, which may take as long as the disk does. */
  void look() {
    Backlog backlog = housekeeping.backlog();
    seen =
        new Seen(
            backlog.trees(),
            housekeeping.lastVerified(),
            containerdVersion.get(),
            plugin.get(),
            NodeConditions.diskPressure(space.shortage()),
            NodeConditions.reclaimBacklog(backlog, housekeeping.stuckTrees()),
            NodeConditions.damaged(quarantined()));
  }

  private Map<String, String> versions(Optional<String> ofContainerd) {
    Map<String, String> versions = new TreeMap<>(identity.versions());
    ofContainerd.ifPresent(version -> versions.put("containerd", version));
    return versions;
  }

  private static Setup setup(Setup.Mode mode, Standing standing, Setup.Plugin plugin) {
    return switch (standing) {
      case Standing.Unasked() ->
          mode == Setup.Mode.OFF
              ? new Setup(mode, Setup.State.UNASKED, "Off", "", plugin)
              : new Setup(
                  mode, Setup.State.UNSEEN, "NotLookedYet", "the service has just started", plugin);
      case Standing.Complete() ->
          new Setup(
              mode,
              Setup.State.COMPLETE,
              "Complete",
              "our file is written, and is imported",
              plugin);
      case Standing.Waiting(String reason, String message) ->
          new Setup(mode, Setup.State.INCOMPLETE, reason, message, plugin);
      case Standing.Refused(String reason, String message) ->
          new Setup(mode, Setup.State.INCOMPLETE, reason, message, plugin);
    };
  }

  private Optional<Long> quarantined() {
    try {
      return Optional.of(housekeeping.quarantined());
    } catch (SnapshotException e) {
      return Optional.empty();
    }
  }

  /** How it stands, as far as is known; this waits for nothing. */
  NodeFacts facts() {
    Seen now = seen;
    StoreHealth health = store.get();
    return new NodeFacts(
        setup(mode, standing.get(), now.plugin()),
        identity.driver(),
        identity.root(),
        versions(now.containerd()),
        report.get().map(NodeFindings::disk),
        now.backlog(),
        housekeeping.lastCleanup(),
        now.lastVerify(),
        housekeeping.lastBackup(),
        List.of(
            NodeConditions.ready(obstacle.get(), health),
            NodeConditions.storeHealthy(health),
            now.diskPressure(),
            now.reclaimBacklog(),
            now.damaged()),
        report.get().map(this::overLimit).orElse(List.of()));
  }

  /** Of pods alone whose uid containerd tells: an event that names none is not shown with them. */
  private List<NodeFacts.OverLimit> overLimit(Report last) {
    if (last.overLimit().isEmpty()) {
      return List.of();
    }
    Map<Owner, String> uids = new HashMap<>();
    for (View.Container container : view.get().map(View::containers).orElse(List.of())) {
      container
          .pod()
          .ifPresent(
              pod -> uids.put(new Owner(OwnerKind.POD, pod.namespace(), pod.name()), pod.uid()));
    }
    return last.overLimit().stream()
        .filter(over -> uids.containsKey(over.snapshot().owner()))
        .map(over -> overLimit(over, uids.getOrDefault(over.snapshot().owner(), "")))
        .toList();
  }

  private static NodeFacts.OverLimit overLimit(OverLimit over, String uid) {
    Owner pod = over.snapshot().owner();
    return new NodeFacts.OverLimit(pod.namespace(), pod.name(), uid, over.limit());
  }

  static NodeFacts.Disk disk(Report report) {
    Map<OwnerKind, Long> bytes = new TreeMap<>();
    for (Holding holding : report.holdings()) {
      bytes.merge(holding.owner().kind(), holding.usage().bytes(), Long::sum);
    }
    Map<String, Long> usage = new TreeMap<>();
    bytes.forEach((kind, size) -> usage.merge(share(kind), size, Long::sum));
    return new NodeFacts.Disk(
        report.fileSystem().totalBytes(),
        report.fileSystem().freeBytes(),
        usage,
        report.kinds().values().stream().mapToLong(Report.Sum::count).sum(),
        bytes.getOrDefault(OwnerKind.UNCLAIMED, 0L),
        report.holdings().stream()
            .filter(holding -> holding.owner().kind() == OwnerKind.POD)
            .sorted(Comparator.comparingLong((Holding pod) -> pod.usage().bytes()).reversed())
            .limit(MOST_PODS)
            .map(NodeFindings::podUsage)
            .toList());
  }

  private static NodeFacts.PodUsage podUsage(Holding holding) {
    Owner pod = holding.owner();
    return new NodeFacts.PodUsage(pod.namespace(), pod.name(), holding.usage().bytes());
  }

  /** The field of a FuselageNode's {@code status.usage} that it is summed in. */
  private static String share(OwnerKind kind) {
    return switch (kind) {
      case IMAGE, UNPACKING -> "images";
      case POD, CONTAINER -> "containers";
      case TRASH -> "trash";
      case UNCLAIMED, PENDING, UNKNOWN -> "unclaimed";
      case ORPHAN -> "orphans";
      case FUSELAGE -> "fuselage";
    };
  }
}
