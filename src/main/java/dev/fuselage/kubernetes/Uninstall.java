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
 * drop-in, then what is on the Node. The annotation then says that it is done, by which the asker
 * knows, and so does an agent that starts here later and is to put nothing back. One thread's.
 */
final class Uninstall {
  private static final Logger LOG = Logger.getLogger(Uninstall.class);

  static final String ANNOTATION = "fuselage.dev/uninstall";
  static final String REQUESTED = "requested";
  static final String FORCED = "forced";
  static final String DONE = "done";
  static final Duration LOOK_EVERY = Duration.ofSeconds(15);

  private final FuselageNodes nodes;
  private final NodeSignals signals;
  private final NodeAgent.Hooks hooks;
  private final LongSupplier nanoTime;
  private final BackOff backOff;
  private Optional<Long> lookAt = Optional.empty();
  private List<Condition> obstacles = List.of();
  private Stay stay = Stay.UNHEARD;

  private enum Stay {
    /** The annotation was not read yet, and the node may have been left. */
    UNHEARD,
    STAYING,
    LEFT
  }

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

  /** Whether the node is known not to have been left, and has what is ours on its Node. */
  boolean isStaying() {
    return stay == Stay.STAYING;
  }

  /** Looks whether somebody asks, if it is time to. */
  void look() {
    long now = nanoTime.getAsLong();
    if (!backOff.isOver(now) || (lookAt.isPresent() && now - lookAt.get() < 0)) {
      return;
    }
    boolean failing = backOff.isFailing();
    try {
      if (obey(nodes.annotation(ANNOTATION).orElse(""))) {
        lookAt = Optional.of(now + backOff.spread(LOOK_EVERY));
      }
      backOff.succeeded();
    } catch (KubernetesClientException e) {
      backOff.failed(now);
      LOG.logf(
          failing ? Logger.Level.DEBUG : Logger.Level.WARN,
          "op=uninstall the FuselageNode can't be asked whether to go, or not be told: %s%s",
          e.getMessage(),
          stay == Stay.UNHEARD ? "; nothing is installed before" : "");
    }
  }

  /**
   * @return false if it can't be done yet, for want of the Node's handlers, which are known soon
   */
  private boolean obey(String asked) {
    switch (asked) {
      case REQUESTED, FORCED -> {
        if (!signals.hasLooked()) {
          return false;
        }
        boolean live = signals.handlers().contains(NodeSignals.HANDLER);
        answer(hooks.remover().remove(live, asked.equals(FORCED)));
      }
      case DONE -> leave();
      default -> stay();
    }
    return true;
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
      // Before the rest, which may fail halfway: nothing is to be put back meanwhile.
      stay = Stay.LEFT;
      signals.withdraw();
      nodes.annotate(ANNOTATION, DONE);
      obstacles = left();
      LOG.info("op=uninstall the drop-in is gone, and the Node is as it was; data stays");
    } else if (stay == Stay.UNHEARD) {
      stay = Stay.STAYING;
    }
  }

  private void leave() {
    if (stay != Stay.LEFT) {
      stay = Stay.LEFT;
      LOG.info("op=uninstall this node was left before, and nothing is installed");
    }
    obstacles = left();
    hooks.onStay().accept(false);
  }

  private void stay() {
    if (stay == Stay.LEFT) {
      LOG.info("op=uninstall the node is to have it again");
    }
    stay = Stay.STAYING;
    obstacles = List.of();
    hooks.onStay().accept(true);
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

  private static List<Condition> left() {
    return List.of(
        new Condition(
            ConditionType.CONTAINERD_CONFIGURED,
            Status.FALSE,
            "Left",
            "this node has let go of Fuselage, and nothing is installed: to have it again, take the"
                + " annotation %s off this FuselageNode".formatted(ANNOTATION)),
        new Condition(
            ConditionType.RESTART_DUE,
            Status.FALSE,
            "Left",
            "until containerd is started again it has a handler that nobody asks for"));
  }

  /** The conditions, with those in place that tell what keeps us, or that we were left. */
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
