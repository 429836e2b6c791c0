package dev.fuselage.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has the kernel answer a service's calls of one kind by an error, as long as it is open: strace is
 * attached to it, and fails every such call on given directories and files.
 */
final class Injection implements AutoCloseable {
  private final Process strace;
  private final Path trace;

  private Injection(Process strace, Path trace) {
    this.strace = strace;
    this.trace = trace;
  }

  /**
   * Returns when it is attached.
   *
   * @param call a system call, as strace names it
   * @param error such as EIO
   * @param paths directories and files; calls relative to a directory are calls on it
   */
  static Injection into(
      Workspace workspace, Service service, String call, String error, List<Path> paths) {
    try {
      Path trace = Files.createTempFile(workspace.path(), "trace-", ".txt");
      Path log = Files.createTempFile(workspace.path(), "strace-", ".log");
      List<String> line = new ArrayList<>();
      line.add(Parts.needed("strace", "strace").toString());
      line.addAll(List.of("-f", "-o", trace.toString(), "-e", "trace=" + call));
      line.addAll(List.of("-e", "inject=%s:error=%s".formatted(call, error)));
      paths.forEach(path -> line.addAll(List.of("-P", path.toString())));
      line.addAll(List.of("-p", Long.toString(service.pid())));
      Process strace = workspace.command(line).redirectError(log.toFile()).start();
      Injection injection = new Injection(strace, trace);
      try {
        injection.awaitAttached(service.pid(), log);
      } catch (IOException | RuntimeException | Error e) {
        injection.close();
        throw e;
      }
      return injection;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All threads have a tracer then. */
  private void awaitAttached(long pid, Path log) throws IOException {
    while (!isTraced(pid)) {
      if (!strace.isAlive()) {
        throw new AssertionError(Files.readString(log));
      }
      Thread.onSpinWait();
    }
  }

  private static boolean isTraced(long pid) throws IOException {
    try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        if (read(thread.resolve("status")).contains("TracerPid:\t0\n")) {
          return false;
        }
      }
    }
    return true;
  }

  /** Empty for a thread that has ended. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      return "";
    }
  }

  /** The calls that were hit, as strace writes them; known when it is closed. */
  List<String> hits() {
    try {
      return Files.readAllLines(trace).stream().filter(it -> it.contains("(INJECTED)")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the service go on as if nothing had been. */
  @Override
  public void close() {
    strace.destroy();
    try {
      if (!strace.waitFor(Place.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("strace does not let go");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
