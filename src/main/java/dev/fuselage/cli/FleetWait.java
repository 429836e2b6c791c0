package dev.fuselage.cli;

import dev.fuselage.kubernetes.Dependents.UnansweredException;
import dev.fuselage.kubernetes.FleetAgents;
import dev.fuselage.kubernetes.FleetUninstall;
import dev.fuselage.kubernetes.FleetUninstall.Holdout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Waits for nodes to let go of Fuselage, and for their agents to end, and tells in a line each what
 * comes of it.
 */
final class FleetWait {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(3);
  private static final Duration TELL_EVERY = Duration.ofSeconds(30);

  /** For the agents to end, however long the nodes took: twice what the chart gives a pod. */
  private static final Duration TO_END = Duration.ofMinutes(1);

  private final FleetUninstall fleet;
  private final Terminal terminal;
  private final Duration patience;
  private final Map<String, String> told = new TreeMap<>();
  private final long start = System.nanoTime();

  FleetWait(FleetUninstall fleet, Terminal terminal, Duration patience) {
    this.fleet = fleet;
    this.terminal = terminal;
    this.patience = patience;
  }

  /**
   * Asks the nodes and waits.
   *
   * @throws CommandException if a node has it still when the time is over
   */
  void forNodes() {
    List<Holdout> left = fleet.ask();
    int asked = left.size();
    say("%d nodes are asked to let go of Fuselage".formatted(asked));
    long tellAt = start + TELL_EVERY.toNanos();
    tell(left);
    while (!left.isEmpty() && passed().compareTo(patience) < 0) {
      pause();
      left = ask(left);
      tell(left);
      if (!left.isEmpty() && System.nanoTime() - tellAt >= 0) {
        tellAt += TELL_EVERY.toNanos();
        say("waiting for %d nodes since %d s".formatted(left.size(), passed().toSeconds()));
      }
    }
    if (!left.isEmpty()) {
      throw new CommandException(ExitCode.FAILED, refusal(left));
    }
  }

  /**
   * Ends the agents, which have nothing left to do, and waits until none could put anything back;
   * only then the nodes are forgotten, so that another release may have them.
   *
   * @throws CommandException if a pod is still there when the time is over, or a node was not asked
   *     before
   */
  void forAgents(FleetAgents agents) {
    agents.end();
    long end = System.nanoTime() + TO_END.toNanos();
    List<String> left = agents.left();
    while (!left.isEmpty() && System.nanoTime() - end < 0) {
      pause();
      left = left(agents, left);
    }
    if (!left.isEmpty()) {
      throw new CommandException(
          ExitCode.FAILED,
          "every node is free of Fuselage, but %d pods of it have not ended, %s: uninstall again when"
                  .formatted(left.size(), left.stream().limit(20).toList())
              + " they are gone");
    }
    List<Holdout> late = fleet.forget();
    tell(late);
    if (!late.isEmpty()) {
      throw new CommandException(ExitCode.FAILED, refusal(late));
    }
    say("the agents have ended");
  }

  private List<String> left(FleetAgents agents, List<String> before) {
    try {
      return agents.left();
    } catch (UnansweredException e) {
      say(String.valueOf(e.getMessage()));
      return before;
    }
  }

  private List<Holdout> ask(List<Holdout> before) {
    try {
      return fleet.ask();
    } catch (UnansweredException e) {
      say(String.valueOf(e.getMessage()));
      return before;
    }
  }

  private void tell(List<Holdout> left) {
    told.keySet()
        .removeIf(
            node -> {
              boolean free = left.stream().noneMatch(holdout -> holdout.node().equals(node));
              if (free) {
                say(node + " is free of Fuselage");
              }
              return free;
            });
    for (Holdout holdout : left) {
      if (!holdout.why().equals(told.put(holdout.node(), holdout.why()))) {
        say(holdout.node() + ": " + holdout.why());
      }
    }
  }

  private static String refusal(List<Holdout> left) {
    return "%d nodes still have Fuselage, %s: do what is said above, and uninstall again; nodes go on"
            .formatted(left.size(), left.stream().map(Holdout::node).limit(20).toList())
        + " by themselves meanwhile. Without a node that is gone for good: delete its FuselageNode,"
        + " or `helm uninstall --no-hooks`. To stay: `kubectl annotate fsn --all"
        + " fuselage.dev/uninstall-`";
  }

  private Duration passed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void say(String line) {
    terminal.out().println(terminal.visible(line));
    terminal.out().flush();
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.FAILED, "interrupted; the nodes stay asked");
    }
  }
}
