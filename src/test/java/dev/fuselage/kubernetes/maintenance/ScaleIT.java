package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.NodeAgent;
import dev.fuselage.kubernetes.ObedientAgent;
import dev.fuselage.kubernetes.ServerLoad;
import dev.fuselage.kubernetes.SomeFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Agents of many nodes at one API server, at their usual pace. {@code make scale} has it measure
 * very many of them; a few for a short time show that it can.
 */
final class ScaleIT {
  private static final int AGENTS = Integer.getInteger("fuselage.scale.agents", 20);
  private static final Duration QUIET =
      Duration.ofSeconds(Integer.getInteger("fuselage.scale.quiet", 20));
  private static final Duration BUSY =
      Duration.ofSeconds(Integer.getInteger("fuselage.scale.busy", 40));
  private static final Duration SHIFT = Duration.ofSeconds(30);
  private static final Path REPORT = Path.of("target", "scale.md");

  /** All come at once here, and each asks for more at its beginning than ever after. */
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private static final int LARGE_CLUSTER = 10_000;

  /** In a cluster each has a connection of its own, for which this machine is too small. */
  private static final int AGENTS_OF_A_CLIENT = 20;

  /** So much more does a kubelet write into its Node, most of it names of images. */
  private static final int BYTES_OF_A_NODE = 10_000;

  /** Four looks for maintenances, four for an uninstallation, two at the Node, some of leases. */
  private static final int MOST_A_MINUTE = 24;

  private final AtomicLong round = new AtomicLong();
  private final AtomicLong shift = new AtomicLong();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @Test
  void manyAgentsAskLittleWhetherTheirNodesAreQuietOrBusy() throws Exception {
    try (ApiServer server = ApiServer.start()) {
      try {
        makeNodes(server);
        begin(server);

        ServerLoad quiet = measure(server, QUIET, () -> {}, 0);
        ServerLoad busy = measure(server, BUSY, shift::incrementAndGet, AGENTS);

        report(quiet, busy);
        assertThat(aMinute(quiet)).isBetween(1.0, (double) MOST_A_MINUTE);
        assertThat(aMinute(busy)).isBetween(1.0, (double) MOST_A_MINUTE);
      } finally {
        end();
      }
    }
  }

  /** Of one agent. */
  private static double aMinute(ServerLoad load) {
    return load.total() / AGENTS / load.seconds() * 60;
  }

  private static void makeNodes(ApiServer server) {
    StringBuilder nodes = new StringBuilder();
    String padding = "x".repeat(BYTES_OF_A_NODE);
    for (int node = 0; node < AGENTS; node++) {
      nodes.append(
          "---%n{apiVersion: v1, kind: Node, metadata: {name: node-%d, annotations: {test: %s}}}%n"
              .formatted(node, padding));
    }
    server.apply(nodes.toString());
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageMaintenance
        metadata: {name: yearly}
        spec: {operations: [Verify], nodeSelector: {}, schedule: '0 0 1 1 *'}
        """);
  }

  private void begin(ApiServer server) throws InterruptedException {
    NodeAgent.Signals signals = new NodeAgent.Signals(true, false, false, false, true);
    List<ClusterClient> clients = new ArrayList<>();
    for (int node = 0; node < AGENTS; node++) {
      if (node % AGENTS_OF_A_CLIENT == 0) {
        ClusterClient client = server.client(ApiServer.ADMIN);
        clients.add(client);
        opened.add(client);
      }
      ClusterClient cluster = clients.getLast();
      opened.add(
          NodeAgent.begin(
              cluster,
              "node-" + node,
              signals,
              () -> SomeFacts.busy(round.incrementAndGet(), shift.get()),
              ObedientAgent.HOOKS));
      Worker worker =
          new Worker(
              cluster.client(),
              "default",
              "node-" + node,
              new PretendedOperations(new AtomicInteger(), new AtomicInteger()),
              Worker.Pace.USUAL);
      worker.begin();
      opened.add(worker);
      // Nodes come up one after the other, too.
      TimeUnit.MILLISECONDS.sleep(30);
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThat(reported(server))
                    .as("agents that have reported, of %d", AGENTS)
                    .isEqualTo(AGENTS));
  }

  private static long reported(ApiServer server) {
    return server
        .kubectl("get", "fsn", "-o", "jsonpath={range .items[*]}{.status.lastReport}{\"\\n\"}{end}")
        .lines()
        .filter(line -> !line.isBlank())
        .count();
  }

  /**
   * What is asked for while that time passes.
   *
   * @param change made at once and each {@link #SHIFT}
   * @param told how many statuses are to be written at least, for which more time is given
   */
  private static ServerLoad measure(ApiServer server, Duration time, Runnable change, int told)
      throws InterruptedException {
    ServerLoad before = ServerLoad.of(server);
    Duration left = time;
    while (left.isPositive()) {
      change.run();
      Duration step = left.compareTo(SHIFT) < 0 ? left : SHIFT;
      TimeUnit.MILLISECONDS.sleep(step.toMillis());
      left = left.minus(step);
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () ->
                assertThat(writes(ServerLoad.of(server).since(before)))
                    .as("statuses that were written")
                    .isGreaterThanOrEqualTo(told));
    return ServerLoad.of(server).since(before);
  }

  private static double writes(ServerLoad load) {
    return load.requests().getOrDefault("apply fuselagenodes/status", 0.0);
  }

  private static void report(ServerLoad quiet, ServerLoad busy) throws IOException {
    String text = report("quiet", quiet) + "\n" + report("busy", busy);
    System.out.println(text);
    Files.writeString(REPORT, text);
  }

  private static String report(String phase, ServerLoad load) {
    double factor = (double) LARGE_CLUSTER / AGENTS / load.seconds();
    return "%d agents, %s for %.0f s:%n%n%s%nFor %d nodes, computed: %.0f requests and %.1f MB a second%n"
        .formatted(
            AGENTS,
            phase,
            load.seconds(),
            load.table(),
            LARGE_CLUSTER,
            load.total() * factor,
            load.answeredBytes() * factor / 1e6);
  }

  private void end() throws Exception {
    // All at once: each waits some seconds for a server that is busy with the others' ends.
    List<Thread> ends = new ArrayList<>();
    for (AutoCloseable resource : opened) {
      if (!(resource instanceof ClusterClient)) {
        ends.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        resource.close();
                      } catch (Exception e) {
                        throw new AssertionError("does not end", e);
                      }
                    }));
      }
    }
    for (Thread end : ends) {
      end.join();
    }
    for (AutoCloseable resource : opened) {
      if (resource instanceof ClusterClient) {
        resource.close();
      }
    }
  }
}
