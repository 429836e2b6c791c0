package dev.fuselage.kubernetes;

import dev.fuselage.kubernetes.NodeAgent.Signals;
import java.time.Duration;

/** Everything that the agent asks the API server for, in a time of its own. */
public final class AgentDuties {
  private final PassingTime time = new PassingTime();
  private final Signals wanted;
  private final NodeReport report;
  private final NodeSignals signals;
  private final NodeEvents events;
  private final Uninstall uninstall;

  /**
   * @param node a Node that is there
   */
  public AgentDuties(ClusterClient cluster, String node, Signals wanted) {
    this.wanted = wanted;
    FuselageNodes nodes = new FuselageNodes(cluster.client(), node);
    report = new NodeReport(nodes, new WritePolicy(() -> 0), time::now, time::nanos);
    signals =
        new NodeSignals(
            new OwnNode(cluster.client(), node), wanted, _ -> {}, time::now, time::nanos, () -> 0);
    events = new NodeEvents(cluster.client(), node, time::now, time::nanos, () -> 0);
    uninstall = new Uninstall(nodes, signals, ObedientAgent.HOOKS, time::nanos, () -> 0);
  }

  /** A node that comes up, fails, and comes up again. */
  public void live() {
    tell(SomeFacts.of());
    tell(SomeFacts.notReady("it stands still"));
    tell(SomeFacts.of());
    signals.showLast();
  }

  private void tell(NodeFacts facts) {
    // Long enough for each duty to be due, and for an event to be counted on and not told anew.
    time.pass(Duration.ofMinutes(10));
    uninstall.look();
    signals.show(facts);
    report.tell(facts);
    if (wanted.events()) {
      events.tell(facts);
    }
  }

  /** Looks whether it is to go, and goes if it is. */
  public void leave() {
    time.pass(Uninstall.LOOK_EVERY.multipliedBy(2));
    uninstall.look();
  }

  /** Whether it has gone. */
  public boolean hasLeft() {
    return !uninstall.isStaying();
  }
}
