package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Trash;
import dev.fuselage.kubernetes.Account;
import dev.fuselage.kubernetes.AgentDuties;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.AuditLog;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.Grant;
import dev.fuselage.kubernetes.NodeAgent.Signals;
import dev.fuselage.snapshot.Call;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The chart's roles against what the agent and the maintenance worker ask of an API server that
 * lets an account do what its roles say: nothing too little, and nothing too much.
 */
final class PermissionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final AtomicInteger RUNS = new AtomicInteger();

  private static Optional<ApiServer> started = Optional.empty();

  private final ApiServer server = started.orElseThrow();
  private final String name = "account-" + RUNS.incrementAndGet();
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** What the chart is told to do. */
  enum Switches {
    ALL(true),
    NONE(false);

    private final boolean on;

    Switches(boolean on) {
      this.on = on;
    }

    List<Grant> grants() {
      return Grant.ofAgent(on);
    }

    Signals signals() {
      return new Signals(on, on, on, on, on);
    }
  }

  private static final class EmptyTrash implements Trash {
    private static final Progress NOTHING = new Progress(0, 0, 0, 0);

    @Override
    public List<Tree> list() {
      return List.of();
    }

    @Override
    public Progress wake() {
      return NOTHING;
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> listener) {
      return NOTHING;
    }
  }

  @BeforeAll
  static void startServer() {
    started = Optional.of(ApiServer.startAudited());
  }

  @AfterAll
  static void stopServer() {
    started.ifPresent(ApiServer::close);
  }

  @AfterEach
  void tidy() throws Exception {
    for (AutoCloseable resource : opened.reversed()) {
      resource.close();
    }
    server.kubectl("delete", "fsm", "--all");
    server.deleteNodes(name);
  }

  static Stream<Arguments> grants() {
    return Arrays.stream(Switches.values())
        .flatMap(
            switches -> switches.grants().stream().map(grant -> Arguments.of(switches, grant)));
  }

  @ParameterizedTest
  @EnumSource
  void withAllThatTheChartGrantsNothingIsRefused(Switches switches) {
    List<Grant> grants = switches.grants();
    assertThat(grants).doesNotHaveDuplicates();

    Account account = account(grants);

    boolean done = live(account, switches, () -> false);

    assertThat(account.forbidden()).isEmpty();
    assertThat(done).isTrue();
  }

  @ParameterizedTest(name = "switches: {0}, without: {1}")
  @MethodSource("grants")
  void withoutAnyVerbOfItSomethingIsRefused(Switches switches, Grant missing) {
    List<Grant> others =
        switches.grants().stream().filter(grant -> !grant.equals(missing)).toList();
    Account account = account(others);
    BooleanSupplier isMissed = () -> account.forbidden().stream().anyMatch(missing::isMissedBy);

    var unused = live(account, switches, isMissed);

    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(account.forbidden())
                    .as("nothing needs `%s`: take it out of the chart", missing)
                    .anyMatch(missing::isMissedBy)
                    .allMatch(missing::isMissedBy));
  }

  /**
   * Everything that a node's pod does, from its beginning to its end.
   *
   * @param enough whether it need not go on
   * @return whether it came to the end
   */
  private boolean live(Account account, Switches switches, BooleanSupplier enough) {
    AgentDuties agent = new AgentDuties(account.cluster(), name, switches.signals());
    agent.live();
    if (enough.getAsBoolean()) {
      return false;
    }
    if (switches.on && !maintain(account, enough)) {
      return false;
    }
    var unused = server.tryKubectl("annotate", "fsn", name, "fuselage.dev/uninstall=requested");
    agent.leave();
    return agent.hasLeft();
  }

  /** One that may do these things, on a node with a pod. */
  private Account account(List<Grant> grants) {
    Account account = server.account(name, grants);
    opened.add(account);
    server.apply(
        """
        {apiVersion: v1, kind: Node, metadata: {name: %1$s, labels: {test: %1$s}}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: pod
          namespace: %1$s
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: x, uid: u, controller: true}]
        spec:
          nodeName: %1$s
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: nothing}]
        """
            .formatted(name));
    server.setHandlers(name, "fuselage");
    return account;
  }

  /**
   * A schedule whose time has come, so that its run is made, and a run that is deleted when it has
   * expired.
   *
   * @return whether it came to that
   */
  private boolean maintain(Account account, BooleanSupplier enough) {
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageMaintenance
        metadata: {name: %1$s}
        spec:
          operations: [Backup]
          nodeSelector: {matchLabels: {test: %1$s}}
          schedule: '* * * * *'
        """
            .formatted(name));
    ClusterClient admin = server.client(ApiServer.ADMIN);
    opened.add(admin);
    Maintenances maintenances = new Maintenances(admin.client());
    long before = Instant.now().truncatedTo(ChronoUnit.MINUTES).getEpochSecond() - 60;
    assertThat(
            maintenances.tell(
                maintenances.list().getFirst(),
                new Maintenance.Status(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(Instant.ofEpochSecond(before)),
                    "",
                    Map.of(),
                    List.of())))
        .isTrue();
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageMaintenance
        metadata: {name: %1$s-brief}
        spec:
          operations: [Backup, Evacuate]
          nodeSelector: {matchLabels: {test: %1$s}}
          ttlSecondsAfterFinished: 0
        """
            .formatted(name));
    Worker worker = worker(account.cluster().client());
    worker.begin();
    opened.add(worker);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                enough.getAsBoolean() || hasMaintained(account) || !account.forbidden().isEmpty());
    worker.close();
    return !enough.getAsBoolean() && account.forbidden().isEmpty();
  }

  private static boolean hasMaintained(Account account) {
    List<AuditLog.Request> requests = account.requests();
    return Stream.of("create", "delete")
        .allMatch(
            verb ->
                requests.stream()
                    .anyMatch(
                        request ->
                            request.verb().equals(verb)
                                && request.resource().equals("fuselagemaintenances")
                                && request.code() < 300));
  }

  private Worker worker(KubernetesClient client) {
    Evacuation evacuation = new Evacuation(client, name, EmptyTrash::new, Duration.ofMillis(100));
    PretendedOperations others = new PretendedOperations(new AtomicInteger(), new AtomicInteger());
    return new Worker(
        client,
        name,
        name,
        (operation, resumed, call, progress) ->
            operation == Operation.EVACUATE
                ? evacuation.run(call, progress)
                : others.run(operation, resumed, call, progress),
        new Worker.Pace(Duration.ofMillis(50), Duration.ofSeconds(3)));
  }
}
