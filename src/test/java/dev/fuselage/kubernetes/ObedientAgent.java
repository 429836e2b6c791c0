package dev.fuselage.kubernetes;

import dev.fuselage.install.Removal;

/** An agent of a node that is well, has nothing to clean up, and lets go when it is asked. */
public final class ObedientAgent {
  /** What it does with what it hears. */
  public static final NodeAgent.Hooks HOOKS =
      new NodeAgent.Hooks(_ -> {}, (_, _) -> new Removal.Gone(), _ -> {});

  /** With which it tells its FuselageNode alone. */
  public static final NodeAgent.Signals NO_SIGNALS =
      new NodeAgent.Signals(false, false, false, false, false);

  private ObedientAgent() {}

  /**
   * Begins, until it is closed.
   *
   * @param node a Node that is there
   */
  public static NodeAgent begin(ClusterClient cluster, String node, NodeAgent.Signals signals) {
    return NodeAgent.begin(cluster, node, signals, SomeFacts::of, HOOKS);
  }
}
