package dev.fuselage.kubernetes;

import dev.fuselage.install.Removal;
import dev.fuselage.kubernetes.Condition.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Takes all that is ours off the node when somebody asks by an annotation of the FuselageNode: the
 * drop-in, then what is on the Node, and the FuselageNode at last, by whose end the asker knows.
 * One thread's.
 */
final class Uninstall {
  private static final Logger LOG = Logger.getLogger(Uninstall.class);

  static final String ANNOTATION = "fuselage.dev/uninstall";
  static final String REQUESTED = "requested";
  static final String FORCED = "forced";
  static final Duration LOOK_EVERY = Duration.ofSeconds(15);

  private final FuselageNodes nodes;
  private final NodeSignals signals;
  private final NodeAgent.Hooks hooks;
  private final LongSupplier nanoTime;
  private final BackOff backOff;
  private Optional<Long> lookAt = Optional.empty();
  private List<Condition> obstacles = List.of();
  private boolean done;

  Uninstall(
      FuselageNodes nodes,
      NodeSignals signals,
      NodeAgent.Hooks hooks,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.nodes = nodes;
    this.signals = signals;
    this.hooks = hooks;
    this.nanoTime = nanoTime;
    backOff = new BackOff(random);
  }

  /** Whether nothing of us is left at the API server, and nothing more is to be told. */
  boolean isDone() {
    return done;
  }

  /** Looks whether somebody asks, if it is time to, and the Node's handlers were looked at. */
  void look() {
    long now = nanoTime.getAsLong();
    if (done
        || !signals.hasLooked()
        || !backOff.isOver(now)
        || (lookAt.isPresent() && now - lookAt.get() < 0)) {
      return;
    }
    lookAt = Optional.of(now + backOff.spread(LOOK_EVERY));
    try {
      String asked = nodes.annotation(ANNOTATION).orElse("");
      boolean forced = asked.equals(FORCED);
      if (forced || asked.equals(REQUESTED)) {
        answer(hooks.remover().remove(signals.handlers().contains(NodeSignals.HANDLER), forced));
      } else {
        obstacles = List.of();
        hooks.stayer().run();
      }
      backOff.succeeded();
    } catch (KubernetesClientException e) {
      backOff.failed(now);
      LOG.debugf("op=uninstall cannot ask whether to, or not tell: %s", e.getMessage());
    }
  }

  private void answer(Removal removal) {
    List<Condition> before = obstacles;
    obstacles =
        switch (removal) {
          case Removal.Gone() -> List.of();
          case Removal.Shrunk() -> shrunk();
          case Removal.Refused(String reason, String message) ->
              List.of(
                  new Condition(
                      ConditionType.CONTAINERD_CONFIGURED, Status.FALSE, reason, message));
        };
    if (!obstacles.equals(before)) {
      obstacles.forEach(obstacle -> LOG.warnf("op=uninstall %s", obstacle.message()));
    }
    if (removal instanceof Removal.Gone) {
      signals.withdraw();
      nodes.delete();
      done = true;
      LOG.info("op=uninstall the drop-in is gone, and the Node is as it was; data stays");
    }
  }

  private static List<Condition> shrunk() {
    return List.of(
        new Condition(
            ConditionType.CONTAINERD_CONFIGURED,
            Status.FALSE,
            "Leaving",
            "new pods get the snapshotter of before; make those that are left anew"),
        new Condition(
            ConditionType.RESTART_DUE,
            Status.TRUE,
            "Leaving",
            "drain the node and start containerd again, then the rest of our file can go"));
  }

  /** The conditions, with those in place that tell what keeps us. */
  List<Condition> among(List<Condition> conditions) {
    return conditions.stream()
        .map(
            condition ->
                obstacles.stream()
                    .filter(obstacle -> obstacle.type() == condition.type())
                    .findFirst()
                    .orElse(condition))
        .toList();
  }
}
