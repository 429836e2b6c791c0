package dev.fuselage.install;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes our drop-in for containerd, and takes it away. No other file is ever written, and
 * containerd is never started again by us: that would end the pods of some clusters.
 */
public final class Installer {
  /** The name of our proxy plugin. */
  public static final String PLUGIN = DropIn.PLUGIN;

  private static final int FIRST_VERSION = 2;
  private static final int LAST_VERSION = 3;

  private final Settings settings;
  private final Supplier<Optional<ContainerdVersion>> containerd;
  private final DropInFile file;

  /**
   * What to write, and where.
   *
   * @param configuration containerd's main file
   * @param dropIn ours, which that one has to import
   * @param staticPods where the kubelet finds pods that need no API server; those of a control
   *     plane could not start on us, who need it
   * @param socket and root, as containerd is to know them; absolute
   * @param mapsIds whether the mapping of ids in user namespaces may be left to us
   * @param inPod whether we are in a pod of that containerd, and need it to come up
   */
  public record Settings(
      Entrance entrance,
      Path configuration,
      Path dropIn,
      Path staticPods,
      Path socket,
      Path root,
      boolean mapsIds,
      boolean inPod) {}

  /**
   * @param containerd its version, asked for at each look; empty if it does not answer
   */
  public Installer(Settings settings, Supplier<Optional<ContainerdVersion>> containerd) {
    this.settings = settings;
    this.containerd = containerd;
    file = new DropInFile(settings.dropIn());
  }

  /**
   * Writes the file if it is not what it should be, and looks what else is needed. Safe to be asked
   * for again and again: an admin's change is met at the next time. One that is on its way out
   * stays so, whoever began that: see {@link #stay()}.
   */
  public Standing install() {
    if (settings.entrance() == Entrance.OFF) {
      return new Standing.Unasked();
    }
    try {
      return file.isLeaving() ? leaving() : installWhole();
    } catch (IOException e) {
      return new Standing.Refused("Unreadable", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Writes a file whole again that was on its way out.
   *
   * @return how that stands; empty if it was not on its way out, and nothing was done
   */
  public Optional<Standing> stay() {
    try {
      return settings.entrance() != Entrance.OFF && file.isLeaving()
          ? Optional.of(installWhole())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(new Standing.Refused("Unreadable", String.valueOf(e.getMessage())));
    }
  }

  private Standing leaving() {
    return new Standing.Waiting(
        "Leaving",
        "%s is on its way out, and keeps what containerd needs for the pods that are left: drain the"
                .formatted(file.path())
            + " node and start containerd again, then the rest goes. To stay, take the annotation"
            + " fuselage.dev/uninstall off the FuselageNode, or delete this file");
  }

  private Standing installWhole() throws IOException {
    Configuration configuration = Configuration.read(settings.configuration(), file.path());
    Optional<ContainerdVersion> version = containerd.get();
    if (version.isEmpty()) {
      return new Standing.Refused(
          "VersionUnknown",
          "containerd does not tell its version: set fuselage.containerd.socket to its socket, or"
              + " start it");
    }
    Optional<Standing> refusal = refusal(configuration, version.get());
    return refusal.isPresent() ? refusal.get() : write(configuration, version.get());
  }

  private Optional<Standing> refusal(Configuration configuration, ContainerdVersion containerd)
      throws IOException {
    int version = configuration.version();
    if (configuration.isThere() && (version < FIRST_VERSION || version > LAST_VERSION)) {
      return Optional.of(
          new Standing.Refused(
              "VersionUnknown",
              "%s says no version that is known here: write `version = 3`, or 2 for containerd 1.x,"
                      .formatted(configuration.main())
                  + " at its top"));
    }
    if (settings.entrance() == Entrance.DEFAULT_SNAPSHOTTER) {
      if (settings.inPod() && !containerd.mergesImports()) {
        // Its default can only be changed as a whole, with no handler that keeps another one.
        return Optional.of(
            new Standing.Refused(
                "DefaultNotSupported",
                "with containerd %d.%d as default snapshotter the pod of Fuselage could not be made"
                        .formatted(containerd.major(), containerd.minor())
                    + " again, since it would need itself: use containerd 2.0 or later,"
                    + " runtime-class from 1.7 on, or Fuselage as a service of the host"));
      }
      Optional<Path> pod = staticPod();
      if (pod.isPresent()) {
        return Optional.of(
            new Standing.Refused(
                "StaticPods",
                "%s is a static pod, which could not start on Fuselage before the API server is"
                        .formatted(pod.get())
                    + " there: use runtime-class on this node"));
      }
    }
    return file.isForeign()
        ? Optional.of(
            new Standing.Refused(
                "ForeignFile",
                "%s was not written by Fuselage: move it away, or set fuselage.containerd.drop-in"
                    .formatted(settings.dropIn())))
        : Optional.empty();
  }

  private Optional<Path> staticPod() throws IOException {
    try (DirectoryStream<Path> pods =
        Files.newDirectoryStream(settings.staticPods(), "*.{yaml,yml,json}")) {
      for (Path pod : pods) {
        return Optional.of(pod);
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private Standing write(Configuration configuration, ContainerdVersion version) {
    try {
      if (!configuration.isThere()) {
        return new Standing.Waiting(
            "NotImported",
            "%s is missing: write it, and start containerd again after that:%nversion = %d%n%s"
                .formatted(configuration.main(), version.mergesImports() ? 3 : 2, importing()));
      }
      file.keep(text(configuration, version));
      if (!configuration.imports(settings.dropIn())) {
        return new Standing.Waiting(
            "NotImported",
            "%s does not import %s: add to it, or to the list that is there:%n%s"
                .formatted(configuration.main(), settings.dropIn(), importing()));
      }
      Optional<Standing> overridden = Overrides.of(configuration.main(), settings.dropIn());
      if (overridden.isPresent()) {
        return overridden.get();
      }
      return version.mergesImports()
          ? new Standing.Complete()
          : new LinesByHand(configuration, version, settings.entrance(), settings.inPod())
              .standing();
    } catch (IOException e) {
      return new Standing.Refused(
          "NotWritable", "%s can't be written: %s".formatted(settings.dropIn(), e.getMessage()));
    }
  }

  /**
   * How the proxy plugin that containerd runs with differs from the one that we write.
   *
   * @param running what containerd tells of it: its {@code address} and, from a release on that
   *     takes exports of a configuration, its {@code root}; an empty map if it has none
   * @return empty if it does not, as far as is told
   */
  public Optional<String> difference(Map<String, String> running) {
    if (running.isEmpty()) {
      return Optional.of("it has no proxy plugin " + PLUGIN);
    }
    return Stream.of(
            difference("the socket", running.get("address"), settings.socket()),
            difference("the root", running.get("root"), settings.root()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> difference(String what, @Nullable String told, Path ours) {
    return Optional.ofNullable(told)
        .filter(other -> !other.equals(ours.toString()))
        .map(other -> "it runs with %s %s, not %s".formatted(what, other, ours));
  }

  private String importing() {
    return "imports = [\"%s\"]".formatted(settings.dropIn().resolveSibling("*.toml"));
  }

  private String text(Configuration configuration, ContainerdVersion version) {
    DropIn.Plugin plugin = plugin(version);
    if (!version.mergesImports()) {
      return DropIn.plugin(configuration, plugin);
    }
    return switch (settings.entrance()) {
      case OFF -> throw new IllegalStateException("nobody asked for a file");
      case RUNTIME_CLASS -> DropIn.runtimeClass(configuration, plugin);
      case DEFAULT_SNAPSHOTTER -> DropIn.defaultSnapshotter(configuration, plugin);
    };
  }

  private DropIn.Plugin plugin(ContainerdVersion version) {
    return new DropIn.Plugin(
        settings.socket(), settings.root(), settings.mapsIds() && version.mapsIdsByProxy());
  }

  /**
   * Takes our part away: at once for {@link Entrance#RUNTIME_CLASS}, in two steps for {@link
   * Entrance#DEFAULT_SNAPSHOTTER}, since pods would else be without what they run on. The second
   * comes once containerd was started again after the first, as far as that can be told.
   */
  public Removal remove(Departure departure) {
    try {
      boolean ours = file.exists() && !file.isForeign();
      Configuration configuration =
          ours
              ? Configuration.read(settings.configuration(), file.path())
              : Configuration.read(settings.configuration());
      List<Path> others = configuration.whichUse(DropIn.PLUGIN);
      if (!others.isEmpty()) {
        return new Removal.Refused(
            "NamedElsewhere",
            "%s names the snapshotter fuselage: take that out first, or containerd's CRI plugin does"
                    .formatted(others.getFirst())
                + " not load at its next start");
      }
      return ours ? removeOurs(configuration, departure) : gone(departure);
    } catch (IOException e) {
      return new Removal.Refused("NotWritable", String.valueOf(e.getMessage()));
    }
  }

  private Removal removeOurs(Configuration configuration, Departure departure) throws IOException {
    boolean inTwoSteps = settings.entrance() == Entrance.DEFAULT_SNAPSHOTTER && !departure.forced();
    if (inTwoSteps && file.pointsToUs()) {
      file.keep(
          DropIn.leaving(
              configuration, new DropIn.Plugin(settings.socket(), settings.root(), false)));
      return new Removal.Shrunk();
    }
    if (file.isLeaving() && departure.handlerLive() && !departure.forced()) {
      return new Removal.Shrunk();
    }
    Removal removal = gone(departure);
    if (removal instanceof Removal.Gone) {
      file.delete();
    }
    return removal;
  }

  private static Removal gone(Departure departure) {
    return departure.activeSnapshots() > 0 && !departure.forced()
        ? new Removal.Refused(
            "ActiveSnapshots",
            "%d active snapshots are left: drain the node first (kubectl drain), or force it"
                .formatted(departure.activeSnapshots()))
        : new Removal.Gone();
  }
}
