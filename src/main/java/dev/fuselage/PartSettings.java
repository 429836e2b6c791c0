package dev.fuselage;

import dev.fuselage.cleanup.Canary;
import dev.fuselage.cleanup.StoreKeeper;
import dev.fuselage.grpc.SocketServer;
import dev.fuselage.install.Installer;
import dev.fuselage.kubernetes.Setup;
import dev.fuselage.overlay.Driver;
import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.overlay.MountSettings;
import dev.fuselage.overlay.Preflight;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SpaceGuard;
import dev.fuselage.posix.Posix;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.tracing.Tracing;
import io.quarkus.runtime.configuration.MemorySize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What the configuration means to each part of the service. */
final class PartSettings {
  private static final Duration CANARY_RETRY = Duration.ofSeconds(5);

  private PartSettings() {}

  static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  static MountSettings mounts(FuselageConfig config, Preflight.Report report) {
    OverlayAbilities abilities = report.abilities();
    return new MountSettings(
        report.driver(),
        config.mountOptions().orElse(List.of()),
        config.remapIds().orElse(report.driver() == Driver.FUSE_OVERLAYFS || abilities.idMapped()),
        abilities.userxattr(),
        abilities.indexOff());
  }

  static Limits limits(FuselageConfig config) {
    return new Limits(config.limits().key(), config.limits().labels(), config.limits().depth());
  }

  static SocketServer.Options server(FuselageConfig config) {
    Set<Integer> uids = new HashSet<>(config.allowedUids().orElse(Set.of()));
    uids.add(0);
    uids.add(Posix.effectiveUid());
    FuselageConfig.Limits limits = config.limits();
    return new SocketServer.Options(
        absolute(config.socket()),
        SocketServer.Options.DEFAULT_MODE,
        uids,
        Math.toIntExact(limits.message().asLongValue()),
        limits.callsPerConnection(),
        limits.connections(),
        limits.threads(),
        SocketServer.Options.DEFAULT_MAX_QUEUED_CALLS,
        config.drain(),
        SocketServer.Options.DEFAULT_READER_PATIENCE);
  }

  static SpaceGuard.Settings space(FuselageConfig config) {
    Optional<MemorySize> threshold = config.lowSpace().threshold();
    return new SpaceGuard.Settings(
        threshold.isPresent()
            ? OptionalLong.of(threshold.get().asLongValue())
            : OptionalLong.empty(),
        config.lowSpace().reserve().asLongValue());
  }

  static Setup.Mode mode(FuselageConfig config) {
    return switch (config.containerd().install()) {
      case OFF -> Setup.Mode.OFF;
      case RUNTIME_CLASS -> Setup.Mode.RUNTIME_CLASS;
      case DEFAULT_SNAPSHOTTER -> Setup.Mode.DEFAULT_SNAPSHOTTER;
    };
  }

  static Installer.Settings installer(FuselageConfig config, Root root, MountSettings mounts) {
    // The kubelet tells it to every container, whatever its pod asks for.
    boolean inPod = System.getenv().containsKey("KUBERNETES_SERVICE_HOST");
    FuselageConfig.Containerd containerd = config.containerd();
    return new Installer.Settings(
        containerd.install(),
        absolute(containerd.config()),
        absolute(containerd.dropIn()),
        absolute(containerd.staticPods()),
        absolute(config.socket()),
        root.path(),
        mounts.remapIds(),
        inPod);
  }

  static Optional<Tracing.Settings> tracing(FuselageConfig config) {
    Map<String, String> resource = new HashMap<>();
    resource.put("service.name", "fuselage");
    config.kubernetes().node().ifPresent(node -> resource.put("k8s.node.name", node));
    return config
        .traces()
        .endpoint()
        .map(endpoint -> new Tracing.Settings(endpoint, config.traces().ratio(), resource));
  }

  static Canary.Settings canary(FuselageConfig config) {
    FuselageConfig.Canary canary = config.canary();
    Duration retry = canary.every().compareTo(CANARY_RETRY) < 0 ? canary.every() : CANARY_RETRY;
    return new Canary.Settings(canary.every(), canary.limit(), retry);
  }

  static StoreKeeper.Settings backups(FuselageConfig config, Root root) {
    FuselageConfig.Backup backup = config.backup();
    return new StoreKeeper.Settings(
        backup.directory().map(PartSettings::absolute).orElse(root.path().resolve("backups")),
        backup.every().duration(),
        backup.keep(),
        backup.maxAge());
  }
}
