package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/** Keeps a node's FuselageNode as the node is, when {@link WritePolicy} says. One thread's. */
final class NodeReport {
  private static final Logger LOG = Logger.getLogger(NodeReport.class);

  private final FuselageNodes nodes;
  private final WritePolicy policy;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Transitions transitions = new Transitions();
  private boolean recalled;
  private boolean made;

  NodeReport(FuselageNodes nodes, WritePolicy policy, InstantSource clock, LongSupplier nanoTime) {
    this.nodes = nodes;
    this.policy = policy;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Writes if it is time to. A failure is told in the log, once until it is over. */
  void tell(NodeFacts facts) {
    if (!policy.isDue(nanoTime.getAsLong(), facts.significance())) {
      return;
    }
    boolean failing = policy.isFailing();
    try {
      write(facts);
      policy.succeeded(nanoTime.getAsLong(), facts.significance());
      if (failing) {
        LOG.info("op=kubernetes the FuselageNode is written again");
      }
    } catch (FuselageNodes.ImpossibleException e) {
      policy.refused(nanoTime.getAsLong());
      complain(failing, e);
    } catch (KubernetesClientException e) {
      policy.failed(nanoTime.getAsLong());
      complain(failing, e);
    }
  }

  private static void complain(boolean failing, Exception e) {
    LOG.logf(
        failing ? Logger.Level.DEBUG : Logger.Level.WARN,
        "op=kubernetes the FuselageNode can't be written, and will be when it can: %s",
        e.getMessage());
  }

  /** The last write of all, whatever the time; only if the server was there at the last one. */
  void tellLast(NodeFacts facts) {
    if (!made || policy.isFailing()) {
      return;
    }
    try {
      var unused = nodes.tell(NodeStatus.of(facts, transitions, clock.instant()));
    } catch (KubernetesClientException e) {
      LOG.debugf("op=kubernetes the end could not be told: %s", e.getMessage());
    }
  }

  private void write(NodeFacts facts) throws FuselageNodes.ImpossibleException {
    if (!recalled) {
      nodes.recall(transitions);
      recalled = true;
    }
    if (!made) {
      nodes.make();
      made = true;
    }
    if (!nodes.tell(NodeStatus.of(facts, transitions, clock.instant()))) {
      // It went with its Node, or somebody deleted it.
      made = false;
      nodes.make();
      made = true;
      if (!nodes.tell(NodeStatus.of(facts, transitions, clock.instant()))) {
        throw new KubernetesClientException("the FuselageNode is deleted as soon as it is made");
      }
    }
  }
}
