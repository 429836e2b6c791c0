package dev.fuselage.kubernetes;

import dev.fuselage.install.Removal;
import dev.fuselage.kubernetes.NodeAgent.Signals;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Everything that the agent asks the API server for, in a time of its own. */
public final class AgentDuties {
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
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
    report = new NodeReport(nodes, new WritePolicy(() -> 0), now::get, nanos::get);
    signals =
        new NodeSignals(
            new OwnNode(cluster.client(), node), wanted, _ -> {}, now::get, nanos::get, () -> 0);
    events = new NodeEvents(cluster.client(), node, now::get, nanos::get, () -> 0);
    uninstall =
        new Uninstall(
            nodes,
            signals,
            new NodeAgent.Hooks(_ -> {}, (_, _) -> new Removal.Gone(), () -> {}),
            nanos::get,
            () -> 0);
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
    pass(Duration.ofMinutes(10));
    signals.show(facts);
    report.tell(facts);
    if (wanted.events()) {
      events.tell(facts);
    }
  }

  /** Looks whether it is to go, and goes if it is. */
  public void leave() {
    pass(Uninstall.LOOK_EVERY.multipliedBy(2));
    uninstall.look();
  }

  /** Whether nothing of it is left at the API server. */
  public boolean hasLeft() {
    return uninstall.isDone();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    now.updateAndGet(before -> before.plus(time));
  }
}
