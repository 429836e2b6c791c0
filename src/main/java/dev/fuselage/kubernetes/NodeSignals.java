package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Shows on the Node itself how its Fuselage fares, for the scheduler and other controllers, and
 * hears from it whether it is cordoned. One thread's.
 */
final class NodeSignals {
  private static final Logger LOG = Logger.getLogger(NodeSignals.class);

  static final String HANDLER = "fuselage";
  static final String LABEL = "fuselage.dev/ready";
  static final String BOOTSTRAP_HANDLER = "fuselage-bootstrap";
  static final String BOOTSTRAP_LABEL = "fuselage.dev/bootstrap";
  static final String NOT_READY = "fuselage.dev/not-ready";
  static final String LOW_SPACE = "fuselage.dev/low-space";

  /** Between two looks at the Node. */
  static final Duration LOOK_EVERY = Duration.ofSeconds(30);

  /**
   * How long the kubelet must not have named the bootstrap handler before its label goes. What the
   * Node says is some moments old, and without the label nobody could come up any more where
   * Fuselage is the default snapshotter: its other pod would wait for itself.
   */
  static final Duration BOOTSTRAP_LOST = Duration.ofMinutes(5);

  /** Between a change here and the next one, so that a flutter stays cheap. */
  static final Duration SETTLE = Duration.ofSeconds(10);

  private final OwnNode node;
  private final NodeAgent.Signals wanted;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Consumer<Boolean> onCordon;
  private final DoubleSupplier random;
  private final BackOff backOff;

  /** What is left of a switch that is off by now, and not ours to take away. */
  private final Set<String> kept = new HashSet<>();

  private WritePolicy conditions;
  private Map<String, Boolean> last = Map.of();
  private Set<String> handlers = Set.of();
  private boolean looked;
  private long lookAt;
  private long changeAt;
  private boolean cordoned;

  /** When the bootstrap handler was last named, or missed for the first time. */
  private OptionalLong bootstrapSeen = OptionalLong.empty();

  NodeSignals(
      OwnNode node,
      NodeAgent.Signals wanted,
      Consumer<Boolean> onCordon,
      InstantSource clock,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.node = node;
    this.wanted = wanted;
    this.onCordon = onCordon;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.random = random;
    backOff = new BackOff(random);
    conditions = new WritePolicy(random);
  }

  /** Looks at the Node and puts it right, if it is time to. */
  void show(NodeFacts facts) {
    long now = nanoTime.getAsLong();
    Map<String, Boolean> taints = taints(facts);
    boolean changed = !taints.equals(last) && now - changeAt >= 0;
    boolean due = !looked || changed || now - lookAt >= 0 || conditionIsDue(facts, now);
    if (!due || !backOff.isOver(now)) {
      return;
    }
    boolean shown =
        look(
            now,
            view -> {
              clear(view);
              label(view, now);
              taint(view, taints);
              tell(view, facts, now);
            });
    if (shown) {
      last = taints;
      changeAt = now + SETTLE.toNanos();
    }
  }

  /** Looks at the Node alone, if it is time to: nothing of ours is to be on it. */
  void watch() {
    long now = nanoTime.getAsLong();
    if (backOff.isOver(now) && (!looked || now - lookAt >= 0)) {
      var unused = look(now, _ -> {});
    }
  }

  private boolean look(long now, Consumer<OwnNode.View> then) {
    boolean failing = backOff.isFailing();
    try {
      Optional<OwnNode.View> view = node.look();
      if (view.isPresent()) {
        handlers = view.get().handlers();
        hear(view.get().cordoned());
        then.accept(view.get());
      }
      backOff.succeeded();
      looked = true;
      lookAt = now + backOff.spread(LOOK_EVERY);
      return true;
    } catch (KubernetesClientException e) {
      backOff.failed(now);
      LOG.logf(
          failing ? Logger.Level.DEBUG : Logger.Level.WARN,
          "op=kubernetes the Node can't be looked at or written, and will be when it can: %s",
          e.getMessage());
      return false;
    }
  }

  /** What the kubelet named at the last look; empty where it names none, or before the first. */
  Set<String> handlers() {
    return handlers;
  }

  /** Whether the Node was ever looked at, and {@link #handlers} are what the kubelet says. */
  boolean hasLooked() {
    return looked;
  }

  /** Shows that the service stops; only if the server was there at the last look. */
  void showLast() {
    if (!wanted.taint() || !looked || backOff.isFailing()) {
      return;
    }
    try {
      node.taint(NOT_READY, true);
    } catch (KubernetesClientException e) {
      LOG.debugf("op=kubernetes the end could not be shown: %s", e.getMessage());
    }
  }

  /** Takes all that is ours off the Node. */
  void withdraw() {
    if (wanted.label()) {
      node.label(LABEL, false);
      node.label(BOOTSTRAP_LABEL, false);
    }
    if (wanted.taint()) {
      node.taint(NOT_READY, false);
    }
    if (wanted.lowSpaceTaint()) {
      node.taint(LOW_SPACE, false);
    }
    if (wanted.condition()) {
      node.untell();
    }
    // If it comes back, then as on a Node that it has never seen.
    conditions = new WritePolicy(random);
    bootstrapSeen = OptionalLong.empty();
    lookAt = nanoTime.getAsLong();
  }

  private void hear(boolean now) {
    if (now != cordoned) {
      cordoned = now;
      LOG.infof("op=kubernetes the Node is %s", now ? "cordoned" : "not cordoned any more");
      onCordon.accept(now);
    }
  }

  /**
   * The label goes by the handler alone, and not by whether the service is ready: pods of the
   * RuntimeClass select it, and a kubelet that starts would fail those whose node lacks it.
   */
  private void label(OwnNode.View view, long now) {
    if (wanted.label() && !view.handlers().isEmpty()) {
      label(view, LABEL, view.handlers().contains(HANDLER));
      labelForBootstrap(view, now);
    }
  }

  private void labelForBootstrap(OwnNode.View view, long now) {
    boolean named = view.handlers().contains(BOOTSTRAP_HANDLER);
    if (named || bootstrapSeen.isEmpty()) {
      bootstrapSeen = OptionalLong.of(now);
    }
    if (named || now - bootstrapSeen.getAsLong() >= BOOTSTRAP_LOST.toNanos()) {
      label(view, BOOTSTRAP_LABEL, named);
    }
  }

  private void label(OwnNode.View view, String key, boolean live) {
    if (live != "true".equals(view.labels().get(key)) && (live || view.labels().containsKey(key))) {
      node.label(key, live);
      LOG.infof("op=kubernetes the label %s is %s", key, live ? "set" : "taken away");
    }
  }

  /**
   * Takes away what an agent left here whose switches were on: it tainted the Node as it stopped,
   * to be exchanged for this one. Labels stay, as pods that select them may be here.
   */
  private void clear(OwnNode.View view) {
    if (!wanted.taint()) {
      clearTaint(view, NOT_READY);
    }
    if (!wanted.lowSpaceTaint()) {
      clearTaint(view, LOW_SPACE);
    }
    if (!wanted.condition() && view.condition().isPresent()) {
      clear(
          "condition " + OwnNode.CONDITION,
          node::untell,
          "kubectl patch node %s --subresource=status -p '%s'"
              .formatted(node.name(), OwnNode.NO_CONDITION));
    }
  }

  private void clearTaint(OwnNode.View view, String key) {
    if (view.taints().contains(key)) {
      clear(
          "taint " + key,
          () -> node.taint(key, false),
          "kubectl taint node %s %s:NoSchedule-".formatted(node.name(), key));
    }
  }

  private void clear(String what, Runnable taking, String byHand) {
    if (kept.contains(what)) {
      return;
    }
    try {
      taking.run();
      LOG.infof("op=kubernetes the %s is taken away, since its switch is off", what);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        throw e;
      }
      // Roles go with the switches. All else that is to be shown must not wait for this.
      kept.add(what);
      LOG.warnf(
          "op=kubernetes the %s was left on the Node, and may not be taken away: `%s`",
          what, byHand);
    }
  }

  private Map<String, Boolean> taints(NodeFacts facts) {
    Map<String, Boolean> taints = new TreeMap<>();
    if (wanted.taint()) {
      taints.put(NOT_READY, !facts.is(ConditionType.READY));
    }
    if (wanted.lowSpaceTaint()) {
      taints.put(LOW_SPACE, facts.is(ConditionType.DISK_PRESSURE));
    }
    return taints;
  }

  private void taint(OwnNode.View view, Map<String, Boolean> taints) {
    taints.forEach(
        (key, there) -> {
          if (view.taints().contains(key) != there) {
            node.taint(key, there);
            LOG.infof("op=kubernetes the taint %s is %s", key, there ? "set" : "taken away");
          }
        });
  }

  private boolean conditionIsDue(NodeFacts facts, long now) {
    return wanted.condition() && conditions.isDue(now, significance(facts));
  }

  private static Object significance(NodeFacts facts) {
    Condition ready = facts.condition(ConditionType.READY);
    return Map.entry(ready.status(), ready.reason());
  }

  private void tell(OwnNode.View view, NodeFacts facts, long now) {
    if (!conditionIsDue(facts, now)) {
      return;
    }
    Condition ready = facts.condition(ConditionType.READY);
    String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    NodeCondition condition = new NodeCondition();
    condition.setType(OwnNode.CONDITION);
    condition.setStatus(ready.status().label());
    condition.setReason(ready.reason());
    condition.setMessage(ready.message());
    condition.setLastHeartbeatTime(time);
    condition.setLastTransitionTime(
        view.condition()
            .filter(before -> ready.status().label().equals(before.getStatus()))
            .map(NodeCondition::getLastTransitionTime)
            .orElse(time));
    node.tell(condition);
    conditions.succeeded(now, significance(facts));
  }
}
