package dev.fuselage.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Mount and process namespaces of a test's own, with an empty /run. Every process and mount in
 * there ends with it, and it ends with the JVM, if not before.
 */
final class Namespace implements Place, AutoCloseable {
  private static final String READY = "ready";

  /** Reads until the other end of the pipe is closed. */
  private static final String HOLD =
      "mount -t tmpfs tmpfs /run && echo " + READY + " && { read -r _ || true; }";

  private final Workspace workspace;
  private final Process holder;
  private final List<String> enter;

  private Namespace(Workspace workspace, List<String> holding, Optional<Path> pidFile)
      throws IOException {
    this.workspace = workspace;
    List<String> line = new ArrayList<>(holding);
    line.addAll(List.of("sh", "-c", HOLD));
    Path log = workspace.resolve("namespace.log");
    holder = workspace.command(line).redirectError(log.toFile()).start();
    BufferedReader output = holder.inputReader();
    String answer = String.valueOf(output.readLine());
    if (!answer.equals(READY)) {
      throw new AssertionError("no namespace: " + answer + Files.readString(log));
    }
    enter = new ArrayList<>(List.of("nsenter", "--mount", "--pid"));
    if (pidFile.isPresent()) {
      enter.addAll(List.of("--user", "--target", Files.readString(pidFile.get()).strip()));
    } else {
      enter.addAll(List.of("--target", Long.toString(childOf(holder).pid())));
    }
    enter.add("--");
  }

  static Namespace asRoot(Workspace workspace) throws IOException {
    return new Namespace(
        workspace,
        List.of("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        Optional.empty());
  }

  /** A user namespace besides. */
  static Namespace of(Rootless user, Workspace workspace) throws IOException {
    return new Namespace(
        workspace, user.enter("--pidns"), Optional.of(user.stateDirectory().resolve("child_pid")));
  }

  @Override
  public ProcessBuilder command(List<String> line) {
    List<String> inside = new ArrayList<>(enter);
    inside.addAll(line);
    return workspace.command(inside);
  }

  @Override
  public ProcessHandle inner(Process started) {
    return childOf(started);
  }

  /** What forks, forks at once, but not before it was started. */
  private static ProcessHandle childOf(Process parent) {
    while (parent.isAlive()) {
      Optional<ProcessHandle> child = parent.children().findFirst();
      if (child.isPresent()) {
        return child.get();
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("it has ended");
  }

  @Override
  public void close() throws IOException {
    holder.outputWriter().close();
    try {
      if (!holder.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        holder.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      holder.destroyForcibly();
    }
  }
}
