package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.install.Removal;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.NodeAgent;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Agents of many nodes at one API server, at their usual pace; {@code make scale} runs it. */
@Tag("e2e")
final class ScaleIT {
  private static final int AGENTS = Integer.getInteger("fuselage.scale.agents", 20);
  private static final Duration QUIET =
      Duration.ofSeconds(Integer.getInteger("fuselage.scale.quiet", 30));
  private static final Duration BUSY =
      Duration.ofSeconds(Integer.getInteger("fuselage.scale.busy", 30));
  private static final Duration SHIFT = Duration.ofSeconds(30);
  private static final Path REPORT = Path.of("target", "scale.md");

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

        ServerLoad quiet = measure(server, QUIET);
        shift.incrementAndGet();
        ServerLoad busy = measure(server, BUSY);

        report(quiet, busy);
        assertThat(aMinute(quiet, QUIET)).isBetween(1.0, (double) MOST_A_MINUTE);
        assertThat(aMinute(busy, BUSY)).isBetween(1.0, (double) MOST_A_MINUTE);
        assertThat(busy.requests().getOrDefault("apply fuselagenodes/status", 0.0))
            .as("each change is told")
            .isGreaterThanOrEqualTo(AGENTS * 0.9);
      } finally {
        end();
      }
    }
  }

  private static double aMinute(ServerLoad load, Duration time) {
    return load.total() / AGENTS / time.toSeconds() * 60;
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
              new NodeAgent.Hooks(_ -> {}, (_, _) -> new Removal.Gone(), () -> {})));
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
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () ->
                assertThat(
                        server
                            .kubectl("get", "fsn", "-o", "jsonpath={.items[*].status.driver}")
                            .split(" "))
                    .hasSize(AGENTS));
  }

  /** What is asked for while that time passes; the top pods change each {@link #SHIFT} of it. */
  private ServerLoad measure(ApiServer server, Duration time) throws InterruptedException {
    boolean changes = shift.get() > 0;
    ServerLoad before = ServerLoad.of(server);
    for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(SHIFT)) {
      TimeUnit.MILLISECONDS.sleep(SHIFT.toMillis());
      if (changes) {
        shift.incrementAndGet();
      }
    }
    return ServerLoad.of(server).since(before);
  }

  private static void report(ServerLoad quiet, ServerLoad busy) throws IOException {
    String text =
        "%d agents, quiet for %d s:%n%n%s%n%d agents, busy for %d s:%n%n%s"
            .formatted(
                AGENTS,
                QUIET.toSeconds(),
                quiet.table(QUIET.toSeconds()),
                AGENTS,
                BUSY.toSeconds(),
                busy.table(BUSY.toSeconds()));
    System.out.println(text);
    Files.writeString(REPORT, text);
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
