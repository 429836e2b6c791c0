package dev.fuselage.it;

import dev.fuselage.it.Place.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A containerd of a test's own, with the drop-in that users start from. */
final class Containerd implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      version = %d
      root = "%3$s/containerd-root"
      state = "%3$s/containerd-state"
      imports = ["%2$s"]
      disabled_plugins = [
        "io.containerd.cri.v1.images",
        "io.containerd.cri.v1.runtime",
        "io.containerd.grpc.v1.cri",
        "io.containerd.internal.v1.opt",
        "io.containerd.internal.v1.tracing",
        "io.containerd.nri.v1.nri",
        "io.containerd.snapshotter.v1.aufs",
        "io.containerd.snapshotter.v1.blockfile",
        "io.containerd.snapshotter.v1.btrfs",
        "io.containerd.snapshotter.v1.devmapper",
        "io.containerd.snapshotter.v1.zfs",
        "io.containerd.tracing.processor.v1.otlp",
      ]
      [grpc]
        address = "%3$s/containerd.sock"
      [ttrpc]
        address = "%3$s/containerd.sock.ttrpc"
      """;

  private final Place place;
  private final Path programs;
  private final Path directory;
  private final String version;
  private final Process process;
  private final Path log;

  private Containerd(Place place, Path programs, Path directory, Installation fuselage)
      throws IOException {
    this.place = place;
    this.programs = programs;
    this.directory = directory;
    version = program("containerd", "--version").succeeded().out().split(" ")[2].replace("v", "");
    log = directory.resolve("containerd.log");
    Path configuration = directory.resolve("config.toml");
    Path dropIn = directory.resolve("fuselage.toml");
    Files.writeString(dropIn, dropIn(fuselage));
    Files.writeString(
        configuration, CONFIGURATION.formatted(isSecond() ? 3 : 2, dropIn, directory));
    process =
        command("containerd", "--config", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /**
   * Starts one, and returns when it has loaded the plugin.
   *
   * @param programs the directory with containerd, its shim and ctr
   * @param directory where everything of it lies, its socket too
   */
  static Containerd start(Place place, Path programs, Path directory, Installation fuselage)
      throws Exception {
    Containerd containerd = new Containerd(place, programs, directory, fuselage);
    try {
      while (containerd.program("ctr", "version").exitCode() != 0) {
        if (!containerd.process.isAlive()) {
          throw new AssertionError(Files.readString(containerd.log));
        }
        Thread.sleep(50);
      }
      String plugins = containerd.ctr("plugins", "ls").out();
      if (plugins.lines().noneMatch(line -> line.matches(".*\\bfuselage\\b.*\\bok\\s*"))) {
        throw new AssertionError(plugins + Files.readString(containerd.log));
      }
      return containerd;
    } catch (Exception | Error e) {
      containerd.close();
      throw e;
    }
  }

  private String dropIn(Installation fuselage) throws IOException {
    Path example =
        Path.of("deploy", "containerd", "fuselage-%d.x.toml".formatted(isSecond() ? 2 : 1));
    return Files.readString(example)
        .replace("/run/fuselage/fuselage.sock", fuselage.socket().toString())
        .replace("/var/lib/fuselage", fuselage.root().toString());
  }

  /** As it says itself. */
  String version() {
    return version;
  }

  /** From 2.0 on pulls and imports go through its transfer service, unless told otherwise. */
  boolean isSecond() {
    return version.startsWith("2.");
  }

  /**
   * The directory with the programs of one of the two that the tests know: Debian's, or the one
   * that setup.sh builds.
   *
   * @param major 1 or 2
   */
  static Path programs(int major) {
    return major == 2
        ? Parts.tool("containerd")
        : Parts.needed("containerd", "containerd").resolveSibling("");
  }

  /** Imports and unpacks the images of an archive. */
  void load(Path archive) {
    Place.run(loading(archive)).succeeded();
  }

  /** A command that imports and unpacks the images of an archive, by itself. */
  ProcessBuilder loading(Path archive) {
    List<String> line = new ArrayList<>(List.of("images", "import", "--snapshotter", "fuselage"));
    if (isSecond()) {
      line.add("--local");
    }
    line.add(archive.toString());
    return command("ctr", line.toArray(String[]::new));
  }

  /** What {@code ctr} answers. */
  Result ctr(String... arguments) {
    return program("ctr", arguments).succeeded();
  }

  /** What {@code ctr} answers, which may be that it failed. */
  Result tryCtr(List<String> arguments) {
    return program("ctr", arguments.toArray(String[]::new));
  }

  private Result program(String name, String... arguments) {
    return Place.run(command(name, arguments));
  }

  /** A command that finds this containerd's programs first, and speaks to it. */
  ProcessBuilder command(String program, String... arguments) {
    List<String> line = new ArrayList<>(List.of(program));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = place.command(line);
    builder.environment().merge("PATH", programs.toString(), (path, own) -> own + ":" + path);
    builder
        .environment()
        .put("CONTAINERD_ADDRESS", directory.resolve("containerd.sock").toString());
    builder.environment().put("CONTAINERD_SNAPSHOTTER", "fuselage");
    return builder;
  }

  /** The end of its log. */
  String log() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      place.inner(process).destroyForcibly();
      // What waits for it in front of a namespace ends a moment later.
      var unused = process.onExit().join();
    }
  }
}
