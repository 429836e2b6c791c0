package dev.fuselage.posix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Trees and commands for the tests of this package. */
final class TestTrees {
  private TestTrees() {}

  record Result(int exitCode, String output) {}

  /** Runs a command to its end, its messages among its output. */
  static Result run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output.strip());
  }

  /** Runs a command that has to succeed. */
  static String mustRun(String... command) throws IOException, InterruptedException {
    Result result = run(command);
    if (result.exitCode() != 0) {
      throw new IOException(List.of(command) + ": " + result.output());
    }
    return result.output();
  }

  /** What du says: bytes of allocated space, and inodes. */
  static TreeWalker.Totals du(Path tree) throws IOException, InterruptedException {
    return new TreeWalker.Totals(
        firstNumber(mustRun("du", "-s", "--block-size=1", tree.toString())),
        firstNumber(mustRun("du", "-s", "--inodes", tree.toString())));
  }

  private static long firstNumber(String line) {
    return Long.parseLong(line.split("\\s", 2)[0]);
  }

  /** Makes {@code directories} with {@code files} each. */
  static Path wide(Path root, int directories, int files) throws IOException {
    Files.createDirectories(root);
    for (int i = 0; i < directories; i++) {
      Path directory = Files.createDirectory(root.resolve("directory-" + i));
      for (int j = 0; j < files; j++) {
        Files.createFile(directory.resolve("file-" + j));
      }
    }
    return root;
  }

  /** Makes directories inside each other, {@code branches} at each level, a file in each. */
  static void deep(Path parent, String name, int levels, int branches) throws IOException {
    Directory level = Directory.open(parent);
    level.makeDirectory(name, 0755);
    level = into(level, name);
    for (int i = 0; i < levels; i++) {
      for (int branch = 0; branch < branches; branch++) {
        level.makeDirectory("d" + branch, 0755);
        level.makeDirectory("d" + branch + "/leaf", 0755);
      }
      level = into(level, "d" + i % branches);
    }
    level.close();
  }

  private static Directory into(Directory level, String name) throws PosixException {
    try (level) {
      return level.openDirectory(name);
    }
  }

  static long openDescriptors() {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
