package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Tells of changes by events: on the Node what concerns all of it, on a pod that it takes more than
 * it should. The same again within an hour is counted, not told anew. One thread's.
 */
final class NodeEvents {
  private static final Logger LOG = Logger.getLogger(NodeEvents.class);

  /** Beyond that many that could not be told the oldest are forgotten. */
  private static final int MOST_PENDING = 32;

  /** As long as the API server keeps an event, by default. */
  private static final Duration SAME_WITHIN = Duration.ofHours(1);

  private final KubernetesClient client;
  private final String nodeName;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final BackOff backOff;
  private final Deque<Notice> pending = new ArrayDeque<>();
  private final Map<ConditionType, Condition.Status> before = new EnumMap<>(ConditionType.class);
  private final Set<NodeFacts.OverLimit> overBefore = new HashSet<>();
  private final Map<Subject, Told> told = new HashMap<>();

  private enum Level {
    NORMAL,
    WARNING;

    String label() {
      return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
    }
  }

  private record Subject(ObjectReference about, String namespace, String reason) {}

  private record Notice(Subject subject, Level level, String message, Instant when) {}

  private record Told(String name, int count, Instant last) {}

  NodeEvents(
      KubernetesClient client,
      String nodeName,
      InstantSource clock,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.client = client;
    this.nodeName = nodeName;
    this.clock = clock;
    this.nanoTime = nanoTime;
    backOff = new BackOff(random);
  }

  /** Tells what has changed since the last time, and what could not be told then. */
  void tell(NodeFacts facts) {
    for (Condition condition : facts.conditions()) {
      Condition.Status was =
          Optional.ofNullable(before.put(condition.type(), condition.status()))
              .orElse(Condition.Status.UNKNOWN);
      if (was != condition.status()) {
        changed(condition, was);
      }
    }
    Set<NodeFacts.OverLimit> over = new HashSet<>(facts.overLimit());
    over.stream().filter(overBefore::add).forEach(this::exceeded);
    overBefore.retainAll(over);
    send();
  }

  private void changed(Condition condition, Condition.Status was) {
    boolean now = condition.status() == Condition.Status.TRUE;
    boolean known = was != Condition.Status.UNKNOWN;
    String message = condition.message();
    if (condition.status() == Condition.Status.UNKNOWN) {
      return;
    }
    switch (condition.type()) {
      case READY -> {
        if (now) {
          add(Level.NORMAL, "FuselageReady", "Fuselage is ready: " + message);
        } else if (known) {
          add(Level.WARNING, "FuselageNotReady", "Fuselage is not ready: " + message);
        }
      }
      case STORE_HEALTHY -> {
        if (!now) {
          add(Level.WARNING, "FuselageStore" + condition.reason(), message);
        } else if (known) {
          add(Level.NORMAL, "FuselageStoreHealthy", message);
        }
      }
      case DISK_PRESSURE ->
          problem(condition, now, known, "FuselageLowSpace", "FuselageEnoughSpace");
      case DAMAGED ->
          problem(condition, now, known, "FuselageLayerQuarantined", "FuselageQuarantineEmpty");
      case RESTART_DUE -> {
        if (now) {
          add(Level.WARNING, "FuselageRestartDue", message);
        }
      }
      case CONTAINERD_CONFIGURED -> {
        if (!now) {
          add(Level.WARNING, "FuselageContainerd" + condition.reason(), message);
        } else if (known) {
          add(Level.NORMAL, "FuselageContainerdConfigured", message);
        }
      }
      case RECLAIM_BACKLOG -> {
        // For the condition alone: nothing is broken by it.
      }
    }
  }

  private void problem(
      Condition condition, boolean now, boolean known, String begins, String ends) {
    if (now) {
      add(Level.WARNING, begins, condition.message());
    } else if (known) {
      add(Level.NORMAL, ends, condition.message());
    }
  }

  private void add(Level level, String reason, String message) {
    // As the kubelet refers to its Node: by its name in place of its uid.
    ObjectReference node =
        new ObjectReferenceBuilder().withKind("Node").withName(nodeName).withUid(nodeName).build();
    add(new Notice(new Subject(node, "default", reason), level, message, clock.instant()));
  }

  private void exceeded(NodeFacts.OverLimit over) {
    ObjectReference pod =
        new ObjectReferenceBuilder()
            .withApiVersion("v1")
            .withKind("Pod")
            .withNamespace(over.namespace())
            .withName(over.name())
            .withUid(over.uid())
            .build();
    add(
        new Notice(
            new Subject(pod, over.namespace(), "FuselageOverLimit"),
            Level.WARNING,
            "a container of this pod wrote more than its limit of %s; nothing is refused for it"
                .formatted(Sizes.of(over.limit())),
            clock.instant()));
  }

  private void add(Notice notice) {
    pending.add(notice);
    if (pending.size() > MOST_PENDING) {
      pending.remove();
    }
  }

  private void send() {
    Instant now = clock.instant();
    told.values().removeIf(known -> known.last().plus(SAME_WITHIN).isBefore(now));
    try {
      while (!pending.isEmpty() && backOff.isOver(nanoTime.getAsLong())) {
        send(pending.element());
        pending.remove();
        backOff.succeeded();
      }
    } catch (KubernetesClientException e) {
      int code = e.getCode();
      boolean refused =
          code == HttpURLConnection.HTTP_FORBIDDEN
              && pending.element().subject().about().getKind().equals("Pod");
      if (refused || code == HttpURLConnection.HTTP_NOT_FOUND || code == 422) {
        // Of a namespace that is gone or takes no more, or a name that is none: nobody can be told.
        LOG.debugf("op=kubernetes an event is dropped: %s", e.getMessage());
        pending.remove();
        return;
      }
      LOG.logf(
          backOff.isFailing() ? Logger.Level.DEBUG : Logger.Level.WARN,
          "op=kubernetes events can't be written, and will be when they can: %s",
          e.getMessage());
      backOff.failed(nanoTime.getAsLong());
    }
  }

  private void send(Notice notice) {
    Told known = told.get(notice.subject());
    String time = notice.when().truncatedTo(ChronoUnit.SECONDS).toString();
    if (known != null && count(notice, known, time)) {
      told.put(notice.subject(), new Told(known.name(), known.count() + 1, notice.when()));
      return;
    }
    String name =
        "%s.%016x"
            .formatted(notice.subject().about().getName(), ThreadLocalRandom.current().nextLong());
    Event event =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(notice.subject().namespace())
            .withName(name)
            .endMetadata()
            .withInvolvedObject(notice.subject().about())
            .withReason(notice.subject().reason())
            .withMessage(notice.message())
            .withType(notice.level().label())
            .withNewSource()
            .withComponent("fuselage")
            .withHost(nodeName)
            .endSource()
            .withReportingComponent("fuselage")
            .withReportingInstance(nodeName)
            .withFirstTimestamp(time)
            .withLastTimestamp(time)
            .withCount(1)
            .build();
    var unused =
        client.v1().events().inNamespace(notice.subject().namespace()).resource(event).create();
    told.put(notice.subject(), new Told(name, 1, notice.when()));
  }

  /** Whether the event was still there to be counted on. */
  private boolean count(Notice notice, Told known, String time) {
    try {
      // As an object, not as text: for that the client would read it first, and need to be allowed.
      Event counted =
          new EventBuilder()
              .withNewMetadata()
              .withNamespace(notice.subject().namespace())
              .withName(known.name())
              .endMetadata()
              .withCount(known.count() + 1)
              .withLastTimestamp(time)
              .build();
      var unused =
          client
              .v1()
              .events()
              .inNamespace(notice.subject().namespace())
              .resource(counted)
              .patch(PatchContext.of(PatchType.JSON_MERGE), counted);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }
}
