package dev.fuselage.kubernetes;

import dev.fuselage.install.Removal;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Tells the API server how this node fares, and hears whether it is cordoned, on a thread of its
 * own: nobody else ever waits for the server.
 */
public final class NodeAgent implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NodeAgent.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  /** For the last word; it is not worth more of a stop's time. */
  private static final Duration TO_END = Duration.ofSeconds(3);

  private final Supplier<NodeFacts> facts;
  private final NodeSignals signals;
  private final NodeReport report;
  private final Optional<NodeEvents> events;
  private final Uninstall uninstall;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /**
   * What is shown beside the FuselageNode.
   *
   * @param label whether the Node is labelled while its handler is live
   * @param taint whether the Node is tainted while the service is not ready
   * @param lowSpaceTaint whether the Node is tainted while new snapshots are refused
   * @param condition whether the Node has a condition
   * @param events whether events are written
   */
  public record Signals(
      boolean label, boolean taint, boolean lowSpaceTaint, boolean condition, boolean events) {}

  /**
   * What is done here because of what the server tells; it may hold up the agent, and nobody else.
   *
   * @param onCordon told when the Node is cordoned, and when it is not any more
   * @param remover of the drop-in
   * @param onStay told again and again: true while nobody asks that we go, which is when a drop-in
   *     may be written, and false once the node was left
   */
  public record Hooks(Consumer<Boolean> onCordon, Remover remover, Consumer<Boolean> onStay) {}

  /** Takes the drop-in away. */
  @FunctionalInterface
  public interface Remover {
    /**
     * @param handlerLive whether the kubelet still names our handler
     * @param forced whether it goes in spite of containers that need it
     */
    Removal remove(boolean handlerLive, boolean forced);
  }

  private NodeAgent(
      ClusterClient cluster, String node, Signals wanted, Supplier<NodeFacts> facts, Hooks hooks) {
    this.facts = facts;
    KubernetesClient client = cluster.client();
    InstantSource clock = InstantSource.system();
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    FuselageNodes nodes = new FuselageNodes(client, node);
    report = new NodeReport(nodes, new WritePolicy(random), clock, System::nanoTime);
    signals =
        new NodeSignals(
            new OwnNode(client, node), wanted, hooks.onCordon(), clock, System::nanoTime, random);
    events =
        wanted.events()
            ? Optional.of(new NodeEvents(client, node, clock, System::nanoTime, random))
            : Optional.empty();
    uninstall = new Uninstall(nodes, signals, hooks, System::nanoTime, random);
    thread = Thread.ofPlatform().daemon().name("kubernetes").start(this::run);
  }

  /**
   * Begins, whether the API server is there or not.
   *
   * @param node the name of the Node
   * @param facts as they are when asked; it waits for nothing
   */
  public static NodeAgent begin(
      ClusterClient cluster, String node, Signals wanted, Supplier<NodeFacts> facts, Hooks hooks) {
    return new NodeAgent(cluster, node, wanted, facts, hooks);
  }

  private void run() {
    try {
      // Not at once: a service that has just started is ready in a moment, and should not have to
      // wait with saying so until it may write again.
      while (!closed.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        NodeFacts now = facts.get();
        run(uninstall::look);
        run(() -> show(now));
        NodeFacts all = whole(now);
        run(() -> report.tell(all));
        run(() -> events.ifPresent(these -> these.tell(all)));
      }
      if (uninstall.isStaying()) {
        run(signals::showLast);
      }
      run(() -> report.tellLast(whole(facts.get()).stopped()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void show(NodeFacts now) {
    if (uninstall.isStaying()) {
      signals.show(now);
    } else {
      signals.watch();
    }
  }

  private NodeFacts whole(NodeFacts known) {
    return known.and(uninstall.among(SetupConditions.of(known.setup(), signals.handlers())));
  }

  /** One that fails in a way that nobody thought of must not end the others. */
  private static void run(Runnable duty) {
    try {
      duty.run();
    } catch (RuntimeException e) {
      LOG.error("op=kubernetes failed, and is tried again", e);
    }
  }

  /** Tells that the service stops, and waits for that some seconds at most. */
  @Override
  public void close() {
    closed.countDown();
    try {
      if (!thread.join(TO_END)) {
        thread.interrupt();
        LOG.debug("op=kubernetes the API server does not answer, the end is not told");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
