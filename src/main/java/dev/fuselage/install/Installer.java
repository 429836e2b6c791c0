package dev.fuselage.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Writes our drop-in for containerd, and takes it away. No other file is ever written, and
 * containerd is never started again by us: that would end the pods of some clusters.
 */
public final class Installer {
  private static final int FIRST_VERSION = 2;
  private static final int LAST_VERSION = 3;

  private final Settings settings;
  private final Supplier<Optional<ContainerdVersion>> containerd;

  /**
   * What to write, and where.
   *
   * @param configuration containerd's main file
   * @param dropIn ours, which that one has to import
   * @param staticPods where the kubelet finds pods that need no API server; those of a control
   *     plane could not start on us, who need it
   * @param socket and root, as containerd is to know them; absolute
   * @param mapsIds whether the mapping of ids in user namespaces may be left to us
   */
  public record Settings(
      Entrance entrance,
      Path configuration,
      Path dropIn,
      Path staticPods,
      Path socket,
      Path root,
      boolean mapsIds) {}

  /**
   * @param containerd its version, asked for at each look; empty if it does not answer
   */
  public Installer(Settings settings, Supplier<Optional<ContainerdVersion>> containerd) {
    this.settings = settings;
    this.containerd = containerd;
  }

  /**
   * Writes the file if it is not what it should be, and looks what else is needed. Safe to be asked
   * for again and again: an admin's change is met at the next time.
   */
  public Standing install() {
    if (settings.entrance() == Entrance.OFF) {
      return new Standing.Unasked();
    }
    try {
      Configuration configuration = Configuration.read(settings.configuration(), settings.dropIn());
      Optional<ContainerdVersion> version = containerd.get();
      if (version.isEmpty()) {
        return new Standing.Refused(
            "VersionUnknown",
            "containerd does not tell its version: set fuselage.containerd.socket to its socket, or"
                + " start it");
      }
      return refusal(configuration).orElseGet(() -> write(configuration, version.get()));
    } catch (IOException e) {
      return new Standing.Refused("Unreadable", String.valueOf(e.getMessage()));
    }
  }

  private Optional<Standing> refusal(Configuration configuration) throws IOException {
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
    return foreign()
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

  private boolean foreign() throws IOException {
    return Files.exists(settings.dropIn())
        && !Files.readString(settings.dropIn()).startsWith(DropIn.MARK);
  }

  private Standing write(Configuration configuration, ContainerdVersion version) {
    try {
      if (!configuration.isThere()) {
        return new Standing.Waiting(
            "NotImported",
            "%s is missing: write it, and start containerd again after that:%nversion = %d%n%s"
                .formatted(configuration.main(), version.mergesImports() ? 3 : 2, importing()));
      }
      keep(text(configuration, version));
      if (!configuration.imports(settings.dropIn())) {
        return new Standing.Waiting(
            "NotImported",
            "%s does not import %s: add to it, or to the list that is there:%n%s"
                .formatted(configuration.main(), settings.dropIn(), importing()));
      }
      return version.mergesImports()
          ? new Standing.Complete()
          : new LinesByHand(configuration, version, settings.entrance()).standing();
    } catch (IOException e) {
      return new Standing.Refused(
          "NotWritable", "%s can't be written: %s".formatted(settings.dropIn(), e.getMessage()));
    }
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

  /** One that is right already is left alone: its time tells since when it is so. */
  private void keep(String text) throws IOException {
    Path file = settings.dropIn();
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return;
    }
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    // No pattern of an import ends so.
    Path written = file.resolveSibling("." + file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            written,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Takes our part away: at once for {@link Entrance#RUNTIME_CLASS}, in two steps for {@link
   * Entrance#DEFAULT_SNAPSHOTTER}, since pods would else be without what they run on.
   *
   * @param activeSnapshots that containers still have
   * @param forced whether it goes in spite of them; never while another file names us, since
   *     containerd would then not start any more
   */
  public Removal remove(long activeSnapshots, boolean forced) {
    Path file = settings.dropIn();
    try {
      if (!Files.exists(file) || foreign()) {
        return new Removal.Gone();
      }
      Configuration configuration = Configuration.read(settings.configuration(), file);
      List<Path> others = configuration.whichUse(DropIn.PLUGIN);
      if (!others.isEmpty()) {
        return new Removal.Refused(
            "NamedElsewhere",
            "%s names the snapshotter fuselage: take that out first, or containerd's CRI plugin does"
                    .formatted(others.getFirst())
                + " not load at its next start");
      }
      boolean inTwoSteps = settings.entrance() == Entrance.DEFAULT_SNAPSHOTTER && !forced;
      if (inTwoSteps && DropIn.pointsToUs(Toml.read(file))) {
        keep(
            DropIn.plugin(
                configuration, new DropIn.Plugin(settings.socket(), settings.root(), false)));
        return new Removal.Shrunk();
      }
      if (activeSnapshots > 0 && !forced) {
        return new Removal.Refused(
            "ActiveSnapshots",
            "%d active snapshots are left: drain the node first (kubectl drain), or force it"
                .formatted(activeSnapshots));
      }
      Files.delete(file);
      return new Removal.Gone();
    } catch (IOException e) {
      return new Removal.Refused("NotWritable", String.valueOf(e.getMessage()));
    }
  }
}
