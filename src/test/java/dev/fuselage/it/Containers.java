package dev.fuselage.it;

import dev.fuselage.it.Place.Result;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * The containers of a containerd.
 *
 * @param options of {@code ctr run}, as the machine and the user demand
 */
record Containers(Containerd containerd, List<String> options) {
  private static final int TRIES = 10;

  /** Runs a container to its end, and removes it. */
  Result run(String image, String name, String... command) throws Exception {
    return runUntilNoRace("--rm", image, name, command);
  }

  /** Starts a container that does nothing; the answer is its process id. */
  String start(String image, String name) throws Exception {
    runUntilNoRace("--detach", image, name, "/bin/busybox", "sleep", "86400");
    return containerd
        .ctr("tasks", "ls")
        .out()
        .lines()
        .map(line -> line.trim().split(" +"))
        .filter(columns -> columns[0].equals(name))
        .map(columns -> columns[1])
        .findFirst()
        .orElseThrow();
  }

  /**
   * containerd's shim waits for its mount helper and reaps every child besides; on a busy machine
   * the reaper wins, and the start fails with ECHILD. The next start is a new race.
   */
  private Result runUntilNoRace(String how, String image, String name, String... command)
      throws Exception {
    List<String> line = new ArrayList<>(List.of("run", how, "--snapshotter", "fuselage"));
    line.addAll(options);
    line.addAll(List.of(image, name));
    line.addAll(List.of(command));
    for (int tries = 1; ; tries++) {
      Result result = containerd.tryCtr(line);
      if (result.exitCode() == 0) {
        return result;
      }
      if (!result.err().contains("ECHILD") || tries == TRIES) {
        throw new AssertionError(result + containerd.log());
      }
      remove(name);
    }
  }

  /** Runs a shell script in a container. */
  Result exec(String name, String script) {
    return containerd.ctr("tasks", "exec", "--exec-id", "script", name, "/bin/sh", "-c", script);
  }

  /** Ends a container's process, and forgets the process. */
  void stop(String name) {
    containerd.ctr("tasks", "kill", "--signal", "KILL", name);
    // The event of its end is on its way.
    Awaitility.await("the end of " + name)
        .atMost(Place.PATIENCE)
        .until(() -> containerd.tryCtr(List.of("tasks", "rm", name)).exitCode() == 0);
  }

  /** Whatever there is of it. */
  private void remove(String name) {
    containerd.tryCtr(List.of("tasks", "rm", "--force", name));
    containerd.tryCtr(List.of("containers", "rm", name));
  }
}
