package dev.fuselage.overlay;

import dev.fuselage.overlay.DriverProbe.CannotTry;
import dev.fuselage.overlay.DriverProbe.DoesNotWork;
import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.overlay.DriverProbe.Probe;
import dev.fuselage.overlay.DriverProbe.Works;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Runs {@code overlay-trial.sh} in a mount namespace of its own.
 *
 * @param limit how long it may take before it is killed
 */
record OverlayTrial(Machine machine, Duration limit) {
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final String INDEX = "/sys/module/overlay/parameters/index";
  private static final Set<String> JAVA_OPTIONS = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");
  private static final Duration TO_DIE = Duration.ofSeconds(1);

  /**
   * Tries the kernel's overlay on a scratch directory of its own. Leaves nothing behind: the end of
   * the process drops its mounts, however it comes.
   *
   * @param scratchParent an existing directory on the root's file system
   */
  Probe run(Path scratchParent) {
    try {
      boolean userxattr = machine.inUserNamespace();
      Optional<Path> unshare = machine.anywhere("unshare");
      if (unshare.isEmpty()) {
        return cannotTry("no program unshare", userxattr);
      }
      try (Scratch scratch = Scratch.in(scratchParent)) {
        return run(unshare.get(), scratch.path(), userxattr);
      }
    } catch (IOException e) {
      return cannotTry(scratchParent + ": " + Scratch.reason(e), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return cannotTry("interrupted", false);
    }
  }

  private Probe run(Path unshare, Path scratch, boolean userxattr)
      throws IOException, InterruptedException {
    Path answer = scratch.resolve("answer");
    List<String> command =
        new ArrayList<>(
            List.of(
                unshare.toString(),
                "--mount",
                "--propagation",
                "private",
                "/bin/sh",
                "-c",
                script(),
                "overlay-trial",
                userxattr ? ",userxattr" : ""));
    if (!userxattr) {
      // A user namespace may map no ids of a file system that belongs to the initial one.
      command.addAll(idMappedBind());
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(scratch.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(answer.toFile());
    builder.environment().put("PATH", machine.widePath());
    builder.environment().put("LC_ALL", "C");
    builder.environment().keySet().removeAll(JAVA_OPTIONS);
    Process process = builder.start();
    try {
      if (!process.waitFor(limit)) {
        return cannotTry("a trial mount did not end within " + limit.toSeconds() + " s", userxattr);
      }
    } finally {
      kill(process);
    }
    return judge(Files.readString(answer).strip(), userxattr);
  }

  /** The answer's last line tells; a trial that never got there was not let in. */
  private Probe judge(String answer, boolean userxattr) {
    List<String> lines = answer.lines().toList();
    String last = lines.isEmpty() ? "" : lines.getLast();
    if (last.equals("works") || last.equals("works id-mapped")) {
      return new Works(abilities(userxattr, last.endsWith("id-mapped")));
    }
    if (last.startsWith("broken: ")) {
      return new DoesNotWork(last.substring("broken: ".length()));
    }
    return cannotTry(last.isEmpty() ? "the trial gave no answer" : last, userxattr);
  }

  private CannotTry cannotTry(String reason, boolean userxattr) {
    return new CannotTry(reason, abilities(userxattr, false));
  }

  private OverlayAbilities abilities(boolean userxattr, boolean idMapped) {
    return new OverlayAbilities(userxattr, Files.exists(machine.file(INDEX)), idMapped);
  }

  /** The command that runs {@link IdMappedBind}; empty where there is no such command. */
  private static List<String> idMappedBind() {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    CodeSource source = IdMappedBind.class.getProtectionDomain().getCodeSource();
    if (!Files.isExecutable(java)
        || source == null
        || !source.getLocation().getProtocol().equals("file")) {
      return List.of();
    }
    return List.of(
        java.toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx16m",
        "-cp",
        URI.create(source.getLocation().toString()).getPath(),
        IdMappedBind.class.getName());
  }

  private static void kill(Process process) throws InterruptedException {
    // Before their parent goes: afterwards nobody knows whose they were.
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture<?>[] ends =
        all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(ends).get(TO_DIE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // One that the kernel does not let die keeps its namespace, and with it the mounts, to
      // itself.
    }
  }

  private static String script() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(OverlayTrial.class.getResourceAsStream("overlay-trial.sh"))) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
