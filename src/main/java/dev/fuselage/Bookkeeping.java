package dev.fuselage;

import dev.fuselage.admin.Layers;
import dev.fuselage.containerd.ContainerdWatch;
import dev.fuselage.containerd.View;
import dev.fuselage.install.Installer;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.DiskSurvey;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.UsageCache;
import dev.fuselage.owners.ImageLayers;
import dev.fuselage.owners.Ledger;
import io.quarkus.runtime.configuration.MemorySize;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What finds out who holds the disk, wired: the ledger, and containerd's view if it is asked. */
final class Bookkeeping implements AutoCloseable {
  private final Optional<ContainerdWatch> containerd;
  private final Ledger ledger;
  private final Layers layers;

  Bookkeeping(FuselageConfig config, Root root, MetadataStore store, UsageCache usages) {
    FuselageConfig.Usage usage = config.usage();
    Ledger.Settings settings =
        new Ledger.Settings(
            usage.interval(),
            usage.maxAge(),
            usage.entriesPerSecond(),
            usage.snapshotsPerRound(),
            config.unclaimedAfter(),
            usage.namedSnapshots(),
            usage.maxSize().map(MemorySize::asLongValue).orElse(0L));
    containerd =
        config
            .containerd()
            .socket()
            .map(
                socket ->
                    ContainerdWatch.of(
                        socket.toAbsolutePath().normalize(), ContainerdWatch.Settings.DEFAULT));
    Supplier<Optional<View>> views = () -> containerd.flatMap(ContainerdWatch::view);
    layers = new ImageLayers(store, views);
    ledger =
        new Ledger(
            store,
            usages,
            new DiskSurvey(root),
            views,
            key -> containerd.flatMap(watch -> watch.knows(key)),
            settings,
            Clock.systemUTC());
  }

  /**
   * What containerd's containers and images need; empty while it does not tell, or is not asked.
   */
  Optional<View> view() {
    return containerd.flatMap(ContainerdWatch::view);
  }

  Ledger ledger() {
    return ledger;
  }

  Layers layers() {
    return layers;
  }

  /** containerd's version; empty if its socket is not known, or it does not answer. */
  Optional<String> containerdVersion() {
    return containerd.flatMap(ContainerdWatch::version);
  }

  /**
   * What containerd tells of the proxy plugin by which it reaches us; empty if its socket is not
   * known, or it does not answer, and an empty map if it has none.
   */
  Optional<Map<String, String>> proxyPlugin() {
    return containerd.flatMap(watch -> watch.snapshotter(Installer.PLUGIN));
  }

  @Override
  public void close() throws Exception {
    ledger.close();
    if (containerd.isPresent()) {
      containerd.get().close();
    }
  }
}
