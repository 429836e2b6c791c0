package dev.fuselage;

import dev.fuselage.cleanup.Canary;
import dev.fuselage.cleanup.Rebuild;
import dev.fuselage.cleanup.StoreKeeper;
import dev.fuselage.grpc.Heartbeat;
import dev.fuselage.grpc.SocketServer;
import dev.fuselage.install.ContainerdVersion;
import dev.fuselage.install.Entrance;
import dev.fuselage.install.Installer;
import dev.fuselage.kubernetes.NodeAgent;
import dev.fuselage.kubernetes.Setup;
import dev.fuselage.metadata.Backups;
import dev.fuselage.metadata.KeptStore;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.observability.page.Growth;
import dev.fuselage.observability.page.NodePage;
import dev.fuselage.overlay.Driver;
import dev.fuselage.overlay.DriverChoice;
import dev.fuselage.overlay.Finding;
import dev.fuselage.overlay.MountSettings;
import dev.fuselage.overlay.OverlaySnapshotter;
import dev.fuselage.overlay.Preflight;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.RootException;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SpaceGuard;
import dev.fuselage.overlay.UsageCache;
import dev.fuselage.posix.Posix;
import dev.fuselage.posix.Tasks;
import dev.fuselage.snapshot.FencedSnapshotter;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Stages;
import dev.fuselage.tracing.Tracing;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The service of a node, wired: preflight, root, store, snapshotter, socket, in this order, and
 * closed in the reverse one. Reconciliation runs behind the open socket.
 */
final class NodeService implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NodeService.class);

  private static final int UMASK = 022;
  private static final Duration GROWTH_LOOK = Duration.ofMinutes(1);
  private static final Duration SLOW_LOOK = Duration.ofSeconds(1);
  private static final Duration HEAP_LOOK = Duration.ofSeconds(2);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private final NodeStore store;
  private final String description;

  private NodeService(FuselageConfig config, Instruments instruments, Runnable onHealth)
      throws UnfitMachineException, RootException {
    Posix.umask(UMASK);
    try {
      Preflight.Report report = preflight(config);
      MountSettings mounts = PartSettings.mounts(config, report);
      Root root = open(Root.open(PartSettings.absolute(config.root())));
      root.settle(report.driver());
      SpaceGuard space = new SpaceGuard(root, PartSettings.space(config));
      SnapshotDirectories directories = new SnapshotDirectories(root, config.sync(), space);
      Rebuild rebuild = new Rebuild(root, directories, Clock.systemUTC());
      StoreKeeper.Settings backups = PartSettings.backups(config, root);
      NodeStore nodeStore =
          open(NodeStore.open(root, space, new Backups(backups.directory()), onHealth));
      nodeStore.repairIfTold(config.store().onDamage(), rebuild);
      KeptStore store = nodeStore.store();
      StoreKeeper keeper = new StoreKeeper(root, store, rebuild, backups, Clock.systemUTC());
      Optional<SnapshotId> lastOfBefore = nodeStore.lastId();
      Optional<Tracing> tracing = PartSettings.tracing(config).map(Tracing::begin).map(this::open);
      UsageCache usages =
          new UsageCache(directories::measure, config.usage().maxAge(), System::nanoTime);
      Bookkeeping bookkeeping = open(new Bookkeeping(config, root, store, usages));
      Housekeeping housekeeping =
          open(new Housekeeping(config, root, store, directories, space, keeper, bookkeeping));
      bookkeeping.ledger().followTrash(housekeeping::isReaping);
      OverlaySnapshotter snapshotter =
          new OverlaySnapshotter(
              store,
              directories,
              housekeeping.reclaimer(),
              new OverlaySnapshotter.Settings(
                  mounts,
                  PartSettings.limits(config),
                  config.verify().contents(),
                  config.upperdirLabel()),
              Clock.systemUTC(),
              usages,
              tracing.map(Tracing::stages).orElse(Stages.NONE));
      SocketServer server =
          open(
              SocketServer.bind(
                  PartSettings.server(config),
                  new FencedSnapshotter(snapshotter),
                  housekeeping,
                  instruments.calls(),
                  tracing));
      housekeeping.begin(lastOfBefore, snapshotter::settledId);
      if (store.health() instanceof StoreHealth.Failing) {
        // What was removed may be what keeps the disk full. Of a damaged store nobody knows yet
        // what its repair will miss.
        housekeeping.emptyTrash();
      }
      Canary canary =
          new Canary(snapshotter, PartSettings.canary(config), Clock.systemUTC(), System::nanoTime);
      housekeeping.send(canary);
      nodeStore.onRecovery(
          () -> {
            housekeeping.reconcileNow();
            housekeeping.sendNow(canary);
          });
      opened.push(() -> nodeStore.onRecovery(() -> {}));
      housekeeping.watch(server::busyFor, instruments.state());
      Heartbeat heartbeat = server.heartbeat(Tasks::current, Tasks::waitsForDisk);
      housekeeping.listen(heartbeat);
      instruments.follow(heartbeat);
      housekeeping.tell(instruments.upkeep());
      instruments.follow(canary);
      instruments
          .metrics()
          .beginDisk(
              bookkeeping.ledger()::last,
              Map.of(
                  "log", store::syncs,
                  "entries", directories::entrySyncs,
                  "data", directories::dataSyncs));
      NodePage page = instruments.page();
      opened.push(page::hide);
      Growth growth = new Growth(bookkeeping.ledger()::last);
      housekeeping.tick(GROWTH_LOOK, growth::sample);
      // To have seen what slow ones are at, before they end.
      housekeeping.tick(SLOW_LOOK, () -> server.busyFor(SLOW_LOOK));
      housekeeping.tick(HEAP_LOOK, new HeapCare());
      page.show(PageSources.of(config, root, bookkeeping, housekeeping, growth));
      DropInUpkeep dropIn =
          new DropInUpkeep(
              new Installer(
                  PartSettings.installer(config, root, mounts),
                  () -> bookkeeping.containerdVersion().flatMap(ContainerdVersion::of)),
              // Else by the agent, which knows whether the node was left.
              !config.kubernetes().enabled());
      if (config.containerd().install() != Entrance.OFF) {
        housekeeping.keepInstalled(dropIn);
      }
      if (config.kubernetes().enabled()) {
        NodeFindings findings =
            new NodeFindings(
                new NodeFindings.Identity(
                    mounts.driver().label(), root.path().toString(), report.fuseOverlayfs()),
                bookkeeping.ledger()::last,
                bookkeeping::view,
                housekeeping,
                space,
                store::health,
                instruments::obstacle,
                PartSettings.mode(config),
                dropIn::standing,
                bookkeeping::containerdVersion,
                () ->
                    bookkeeping
                        .proxyPlugin()
                        .map(dropIn::compare)
                        .orElseGet(Setup.Plugin.Untold::new));
        housekeeping.look(findings::look);
        var unused =
            open(
                ClusterMembership.begin(
                    config.kubernetes(),
                    findings::facts,
                    new NodeAgent.Hooks(
                        housekeeping::cordoned,
                        (live, forced) -> dropIn.remove(bookkeeping.ledger(), live, forced),
                        dropIn::stay),
                    housekeeping));
      }
      this.store = nodeStore;
      description =
          "%s on %s with driver %s, sync=%s"
              .formatted(
                  root.path(),
                  config.socket(),
                  mounts.driver().label(),
                  config.sync().name().toLowerCase(Locale.ROOT));
    } catch (UnfitMachineException | RootException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Starts to serve.
   *
   * @param onHealth run when {@link #obstacle()} may have changed, on any thread
   * @throws dev.fuselage.grpc.UnusableSocketException if the socket can't be bound
   */
  static NodeService start(FuselageConfig config, Instruments instruments, Runnable onHealth)
      throws UnfitMachineException, RootException {
    return new NodeService(config, instruments, onHealth);
  }

  /** Why the service can't do its work; empty if it can. */
  Optional<String> obstacle() {
    return store.obstacle();
  }

  private <T extends AutoCloseable> T open(T resource) {
    opened.push(resource);
    return resource;
  }

  /** A used root keeps its driver, so that there is nothing to choose, and mostly none to try. */
  private static Preflight.Report preflight(FuselageConfig config)
      throws UnfitMachineException, RootException {
    Path root = PartSettings.absolute(config.root());
    DriverChoice choice =
        config.driver() == DriverChoice.AUTO
            ? Root.driverOf(root).map(NodeService::remembered).orElse(DriverChoice.AUTO)
            : config.driver();
    Preflight.Report report = Preflight.run(root, PartSettings.absolute(config.socket()), choice);
    report.findings().forEach(NodeService::log);
    if (!report.fatal().isEmpty()) {
      throw new UnfitMachineException(report.fatal());
    }
    return report;
  }

  private static DriverChoice remembered(Driver driver) {
    return switch (driver) {
      case FUSE_OVERLAYFS -> DriverChoice.FUSE_OVERLAYFS;
      case OVERLAYFS -> DriverChoice.OVERLAYFS;
    };
  }

  private static void log(Finding finding) {
    switch (finding.level()) {
      case OK, UNKNOWN -> LOG.debug(finding.line());
      case WARN -> LOG.warn(finding.line());
      case FATAL -> {}
    }
  }

  /** What is served where, in a few words. */
  String description() {
    return description;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.error("something did not close as it should", e);
      }
    }
  }
}
