package dev.fuselage.it;

import dev.fuselage.Needs;
import dev.fuselage.it.Place.Result;
import dev.fuselage.posix.Posix;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the programs of the tests are: ours, built by Maven and Go, and those that setup.sh makes.
 */
public final class Parts {
  /** The ordinary user that setup.sh makes. */
  static final String TEST_USER = "fuselage-test";

  private static final Path MODULE = Path.of("src", "test", "go").toAbsolutePath();
  private static final Path BUILT = Path.of("target", "go").toAbsolutePath();

  private Parts() {}

  static void needRoot() {
    Needs.that(Posix.effectiveUid() == 0, "mounting on the host needs root");
  }

  static void needFuse() {
    needed("mount.fuse3", "fuse3");
    needed("fuse-overlayfs", "fuse-overlayfs");
    Needs.that(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse: run `modprobe fuse`");
  }

  /** The directory of the built distribution. */
  static Path distribution() {
    Path distribution =
        Path.of(System.getProperty("fuselage.dist", "target/fuselage")).toAbsolutePath();
    Needs.that(
        Files.isExecutable(launcherOf(distribution)),
        "there is no distribution in " + distribution + ": run `make dist`");
    return distribution;
  }

  static Path launcherOf(Path distribution) {
    return distribution.resolve("bin", "fuselage");
  }

  static Path launcher() {
    return launcherOf(distribution());
  }

  /** The tests of a package of the Go module, as a program. */
  static Path goTest(String name) {
    return build(name + ".test", List.of("go", "test", "-c", "-trimpath", "-o"), "./" + name);
  }

  /** A command of the Go module. */
  static Path goCommand(String name) {
    return build(name, List.of("go", "build", "-trimpath", "-o"), "./cmd/" + name);
  }

  private static Path build(String name, List<String> command, String source) {
    Needs.that(
        onPath("go").isPresent(), "Go is not on the PATH: install it from https://go.dev/dl");
    Path program = BUILT.resolve(name);
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of(program.toString(), source));
    ProcessBuilder builder = new ProcessBuilder(line).directory(MODULE.toFile());
    // The user namespace's programs are the same, and know no C library's lookups.
    builder.environment().put("CGO_ENABLED", "0");
    Place.run(builder).succeeded();
    return program;
  }

  /** The directory with the programs of a tool that setup.sh builds, in the version it pins. */
  public static Path tool(String name) {
    String version = name.toUpperCase(Locale.ROOT) + "_VERSION";
    String script = ". src/dev/sh/lib.sh && tool_dir \"$1\" \"${!2}\"";
    Result directory =
        Place.run(new ProcessBuilder("bash", "-euc", script, "bash", name, version)).succeeded();
    Path tool = Path.of(directory.out());
    Needs.that(Files.isDirectory(tool), "there is no " + tool + ": run `src/dev/sh/setup.sh test`");
    return tool;
  }

  /** A program on the PATH, or where an administrator's would be. */
  static Optional<Path> onPath(String name) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin";
    return Stream.of(path.split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The program of an installed package. */
  static Path needed(String name, String debianPackage) {
    Optional<Path> program = onPath(name);
    Needs.that(
        program.isPresent(),
        "%s is missing: install the package %s".formatted(name, debianPackage));
    return program.orElseThrow();
  }
}
