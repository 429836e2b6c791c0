package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.admin.Administration;
import dev.fuselage.kubernetes.ClusterClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Carries out the FuselageMaintenances on one node. One thread looks at them again and again and
 * speaks with the API server; what is done is done on another, and goes on while the server is
 * away.
 */
public final class Worker implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Worker.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A node whose agent ended so often in the middle is not tried again. */
  private static final int MOST_ATTEMPTS = 5;

  private static final String COORDINATION = "fuselage-maintenance";

  private final String node;
  private final Pace pace;
  private final Maintenances maintenances;
  private final Slots slots;
  private final Coordinator coordinator;
  private final NodeOperations operations;
  private final Clock clock = Clock.systemUTC();
  private final Semaphore woken = new Semaphore(0);
  private final Thread thread;
  private volatile Optional<Job> job = Optional.empty();
  private Optional<NodeProgress> told = Optional.empty();
  private volatile boolean closed;

  /**
   * How often, and how long.
   *
   * @param look between two looks at the maintenances
   * @param lease how long a node that does not answer keeps others waiting, several looks
   */
  public record Pace(Duration look, Duration lease) {
    /** For clusters of some size. */
    public static final Pace USUAL = new Pace(Duration.ofSeconds(15), Duration.ofSeconds(60));
  }

  Worker(
      KubernetesClient client,
      String namespace,
      String node,
      NodeOperations operations,
      Pace pace) {
    this.node = node;
    this.pace = pace;
    this.operations = operations;
    maintenances = new Maintenances(client);
    slots = new Slots(client, namespace, node, pace.lease());
    coordinator = new Coordinator(maintenances, clock);
    thread = Thread.ofPlatform().daemon().name("maintenance").unstarted(this::loop);
  }

  /**
   * Begins, whether the API server is there or not.
   *
   * @param namespace of the Leases
   * @param evacuate whether the node's pods may be evicted
   */
  public static Worker begin(
      ClusterClient cluster,
      String namespace,
      String node,
      Administration administration,
      boolean evacuate) {
    Optional<Evacuation> evacuation =
        evacuate
            ? Optional.of(
                new Evacuation(
                    cluster.client(), node, administration::trash, Duration.ofSeconds(5)))
            : Optional.empty();
    Worker worker =
        new Worker(
            cluster.client(),
            namespace,
            node,
            new OwnOperations(administration, evacuation),
            Pace.USUAL);
    worker.begin();
    return worker;
  }

  void begin() {
    thread.start();
  }

  private void loop() {
    Duration pause = pace.look();
    while (!closed) {
      try {
        look();
        pause = pace.look();
      } catch (KubernetesClientException e) {
        slots.forget();
        LOG.debugf("op=maintenance the API server does not help: %s", e.getMessage());
        pause = min(pause.multipliedBy(2), max(LONGEST_PAUSE, pace.look()));
      } catch (RuntimeException e) {
        LOG.error("op=maintenance failed, and is tried again", e);
      }
      try {
        long millis = pause.toMillis();
        var unused =
            woken.tryAcquire(
                millis + ThreadLocalRandom.current().nextLong(1 + millis / 10),
                TimeUnit.MILLISECONDS);
        woken.drainPermits();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look() {
    List<Maintenance> all = maintenances.list();
    job.ifPresent(current -> attend(current, all));
    if (job.isEmpty()) {
      begin(all);
    }
    if (coordinator.isNeeded(all)
        && slots
            .take(new Slots.Group("coordination", COORDINATION, 1, Optional.empty()))
            .isPresent()) {
      coordinator.coordinate(all);
    }
  }

  private void attend(Job current, List<Maintenance> all) {
    Optional<Maintenance> now =
        all.stream().filter(maintenance -> maintenance.uid().equals(current.uid())).findFirst();
    if (now.isEmpty()) {
      current.cancel(Cancelled.DELETED);
    } else if (current
        .maintenance()
        .end()
        .filter(end -> !end.isAfter(clock.instant()))
        .isPresent()) {
      current.cancel(Cancelled.DEADLINE);
    } else if (now.get().spec().suspend()) {
      current.cancel(Cancelled.SUSPENDED);
    }
    boolean ended = current.hasEnded();
    NodeProgress progress = current.progress();
    if (now.isPresent() && !told.equals(Optional.of(progress))) {
      var unused = maintenances.tell(current.maintenance(), progress);
      told = Optional.of(progress);
    }
    if (!ended) {
      if (!slots.renew(current.slot())) {
        LOG.warnf(
            "op=maintenance name=%s lost its turn, and goes on", current.maintenance().name());
      }
      return;
    }
    now.ifPresent(coordinator::judge);
    slots.release(current.slot());
    job = Optional.empty();
    woken.release();
  }

  private void begin(List<Maintenance> all) {
    Instant now = clock.instant();
    List<Maintenance> waiting =
        all.stream()
            .filter(maintenance -> maintenance.waitsFor(node, now))
            .sorted(Comparator.comparing(Maintenance::created).thenComparing(Maintenance::name))
            .toList();
    for (Maintenance maintenance : waiting) {
      Optional<String> slot = slots.take(group(maintenance));
      if (slot.isPresent()) {
        begin(maintenance, slot.get());
        return;
      }
    }
  }

  private static Slots.Group group(Maintenance maintenance) {
    return new Slots.Group(
        maintenance.uid(),
        COORDINATION + "." + maintenance.name(),
        maintenance.spec().maxConcurrent(),
        Optional.of(Maintenances.owner(maintenance)));
  }

  private void begin(Maintenance listed, String slot) {
    // The list may be from before this node's own last word.
    Optional<Maintenance> read =
        maintenances.get(listed).filter(fresh -> fresh.waitsFor(node, clock.instant()));
    if (read.isEmpty()) {
      slots.release(slot);
      return;
    }
    Maintenance maintenance = read.get();
    NodeProgress begun =
        Optional.ofNullable(maintenance.status().nodes().get(node))
            .map(NodeProgress::again)
            .orElseGet(() -> NodeProgress.first(node, clock.instant()));
    if (begun.attempts() > MOST_ATTEMPTS) {
      String message = "the agent ended %d times in the middle".formatted(MOST_ATTEMPTS);
      var unused =
          maintenances.tell(maintenance, begun.ended(Phase.FAILED, message, clock.instant()));
      coordinator.judge(maintenance);
      slots.release(slot);
      return;
    }
    var unused = maintenances.tell(maintenance, begun);
    told = Optional.of(begun);
    Job next = new Job(maintenance, slot, begun, operations, clock, woken::release);
    job = Optional.of(next);
    next.begin();
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** Stops what is under way at its next step; it is begun again after the next start. */
  @Override
  public void close() {
    closed = true;
    woken.release();
    try {
      if (!thread.join(PATIENCE)) {
        thread.interrupt();
        LOG.warn("op=maintenance still waits for the API server");
      }
      Optional<Job> current = job;
      current.ifPresent(running -> running.cancel(Cancelled.STOPPING));
      if (current.isPresent() && !current.get().join(PATIENCE)) {
        LOG.warn("op=maintenance still busy, the disk may hang");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
