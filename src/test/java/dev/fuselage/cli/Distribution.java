package dev.fuselage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The launcher of the built distribution, run as a user runs it.
 *
 * @param launcher {@code bin/fuselage}
 * @param root of the service, in a directory of the test's
 * @param socket of the service
 */
record Distribution(Path launcher, Path root, Path socket) {
  private static final long PATIENCE_SECONDS = 120;

  /** What a process left behind. */
  record Result(int exitCode, String out, String err) {}

  static Path builtLauncher() {
    return Path.of(System.getProperty("fuselage.dist", "target/fuselage"), "bin", "fuselage")
        .toAbsolutePath();
  }

  /** The service, its log in a file; whoever starts it ends it. */
  Process serve(Path log) throws IOException {
    ProcessBuilder builder = command("serve");
    builder.environment().put("FUSELAGE_HTTP_PORT", "0");
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  Result run(String... arguments) throws IOException, InterruptedException {
    return run(command(arguments));
  }

  ProcessBuilder command(String... arguments) {
    List<String> line = new ArrayList<>(List.of(launcher.toString()));
    line.addAll(List.of(arguments));
    return environment(new ProcessBuilder(line));
  }

  ProcessBuilder environment(ProcessBuilder builder) {
    builder.environment().put("FUSELAGE_ROOT", root.toString());
    builder.environment().put("FUSELAGE_SOCKET", socket.toString());
    builder.environment().put("FUSELAGE_DRIVER", "fuse-overlayfs");
    return builder;
  }

  static Result run(ProcessBuilder builder) throws IOException, InterruptedException {
    Path err = Files.createTempFile("fuselage-err", ".txt");
    Process process = builder.redirectError(err.toFile()).start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(builder.command() + " does not end");
      }
      return new Result(process.exitValue(), out, Files.readString(err));
    } finally {
      process.destroyForcibly();
      Files.delete(err);
    }
  }
}
