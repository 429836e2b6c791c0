package dev.fuselage.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** A registry on loopback, in memory. */
final class Registry implements AutoCloseable {
  private static final Pattern SERVING = Pattern.compile("serving on port (\\d+)");

  private final Workspace workspace;
  private final Path crane;
  private final Process process;
  private final int port;

  private Registry(Workspace workspace, Path crane, Process process, int port) {
    this.workspace = workspace;
    this.crane = crane;
    this.process = process;
    this.port = port;
  }

  static Registry start(Workspace workspace) throws IOException, InterruptedException {
    Path crane = Parts.tool("crane").resolve("crane");
    Path log = workspace.resolve("registry.log");
    Process process =
        workspace
            .command(crane.toString(), "registry", "serve", "--address", "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    while (process.isAlive()) {
      var found = SERVING.matcher(Files.readString(log));
      if (found.find()) {
        return new Registry(workspace, crane, process, Integer.parseInt(found.group(1)));
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no registry: " + Files.readString(log));
  }

  /** Pushes an OCI layout directory; the answer is the reference that it is pulled by. */
  String push(Path layout, String repository) {
    String reference = "127.0.0.1:%d/%s".formatted(port, repository);
    workspace.run(crane.toString(), "push", layout.toString(), reference).succeeded();
    return reference;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
