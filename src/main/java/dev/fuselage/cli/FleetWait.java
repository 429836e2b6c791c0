package dev.fuselage.cli;

import dev.fuselage.kubernetes.Dependents.UnansweredException;
import dev.fuselage.kubernetes.FleetUninstall;
import dev.fuselage.kubernetes.FleetUninstall.Holdout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Waits for nodes to let go of Fuselage, and tells in a line each what comes of it. */
final class FleetWait {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(3);
  private static final Duration TELL_EVERY = Duration.ofSeconds(30);

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
   * Asks and waits.
   *
   * @throws CommandException if a node has it still when the time is over
   */
  void run() {
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
        + " fuselage.dev/uninstall-`, and restart the DaemonSet";
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
