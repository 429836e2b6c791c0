package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Trash;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.snapshot.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An evacuation against the Eviction API of a real API server. */
final class EvacuationIT {
  private static final String NODE = "evacuated";

  /** Nobody ends it: the server alone runs here. */
  private static final String ENDING = "ending";

  private static final String BUDGET =
      """
      apiVersion: policy/v1
      kind: PodDisruptionBudget
      metadata: {name: keep-one}
      spec: {minAvailable: 1, selector: {matchLabels: {app: evacuated}}}
      """;

  private final ApiServer server = ApiServer.shared();
  private final ClusterClient cluster = server.client(ApiServer.ADMIN);
  private final AtomicReference<String> progress = new AtomicReference<>("");
  private final Pretended trash = new Pretended();

  /** A trash that has as many trees as it is told. */
  private static final class Pretended implements Trash {
    private final AtomicReference<List<Tree>> trees = new AtomicReference<>(List.of());

    @Override
    public List<Tree> list() {
      return trees.get();
    }

    @Override
    public Progress wake() {
      return new Progress(trees.get().size(), 0, 0, 0);
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> listener) {
      return wake();
    }
  }

  @BeforeEach
  void makeNode() {
    server.makeNode(NODE);
  }

  @AfterEach
  void tidy() {
    cluster.close();
    server.kubectl("delete", "pods", "--all", "--force", "--grace-period=0");
    server.kubectl("delete", "--ignore-not-found", "pdb/keep-one", "pdb/keep-one-too");
    server.deleteNodes(NODE);
  }

  /** One that runs, as far as the server knows. */
  private void pod(String name, String ownerKind) {
    pod("default", name, ownerKind);
  }

  private void pod(String namespace, String name, String ownerKind) {
    server.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: %s
          labels: {app: evacuated}
          ownerReferences: [%s]
        spec:
          nodeName: %s
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: nothing}]
        """
            .formatted(
                name,
                namespace,
                ownerKind.isEmpty()
                    ? ""
                    : "{apiVersion: apps/v1, kind: %s, name: x, uid: u, controller: true}"
                        .formatted(ownerKind),
                NODE));
    server.kubectl(
        "patch",
        "pod",
        name,
        "--namespace",
        namespace,
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
  }

  private CompletableFuture<NodeOperations.Outcome> begin() {
    Evacuation evacuation =
        new Evacuation(cluster.client(), NODE, () -> trash, Duration.ofMillis(100));
    return CompletableFuture.supplyAsync(() -> evacuation.run(Call.PATIENT, progress::set));
  }

  private String pods() {
    return server.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.name}");
  }

  @Test
  void podsOfDaemonSetsStayAndTheNodeIsCordoned() throws Exception {
    pod("of-set", "ReplicaSet");
    pod("of-daemon", "DaemonSet");

    NodeOperations.Outcome outcome = begin().get(60, TimeUnit.SECONDS);

    assertThat(outcome.success()).isTrue();
    assertThat(pods()).isEqualTo("of-daemon");
    assertThat(server.kubectl("get", "node", NODE, "-o", "jsonpath={.spec.unschedulable}"))
        .isEqualTo("true");
  }

  @Test
  void aBudgetHoldsAPodBackUntilItAllowsTheDisruption() throws Exception {
    pod("guarded", "ReplicaSet");
    server.apply(BUDGET);
    allow(0);

    CompletableFuture<NodeOperations.Outcome> evacuation = begin();

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(progress.get()).contains("default/guarded is held back", "keep-one"));
    assertThat(pods()).isEqualTo("guarded");
    allow(1);
    assertThat(evacuation.get(60, TimeUnit.SECONDS).success()).isTrue();
    assertThat(pods()).isEmpty();
  }

  /** What the controller would say. */
  private void allow(int disruptions) {
    server.kubectl(
        "patch",
        "pdb",
        "keep-one",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\":{\"observedGeneration\":1,\"disruptionsAllowed\":%d,\"currentHealthy\":1,\"desiredHealthy\":1,\"expectedPods\":1}}"
            .formatted(disruptions));
  }

  @Test
  void aPodWithTwoBudgetsHoldsUpNoOther() throws Exception {
    pod("guarded-twice", "ReplicaSet");
    server.apply(BUDGET);
    server.apply(BUDGET.replace("keep-one", "keep-one-too"));
    pod("later", "ReplicaSet");
    server.kubectl("label", "pod", "later", "app-");

    CompletableFuture<NodeOperations.Outcome> evacuation = begin();

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(pods()).isEqualTo("guarded-twice"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(progress.get())
                    .contains("default/guarded-twice can't be evicted", "PodDisruptionBudget"));
    server.kubectl("delete", "pdb", "keep-one", "keep-one-too");
    assertThat(evacuation.get(60, TimeUnit.SECONDS).success()).isTrue();
    assertThat(pods()).isEmpty();
  }

  @Test
  void aPodOfANamespaceThatIsBeingDeletedIsWaitedFor() throws Exception {
    server.kubectl("create", "namespace", ENDING);
    pod(ENDING, "ending-pod", "ReplicaSet");
    server.kubectl("delete", "namespace", ENDING, "--wait=false");

    CompletableFuture<NodeOperations.Outcome> evacuation = begin();

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(progress.get()).contains("ending/ending-pod can't be evicted"));
    assertThat(evacuation).isNotDone();
    // As the controller of namespaces does it.
    server.kubectl(
        "delete", "pod", "ending-pod", "--namespace", ENDING, "--force", "--grace-period=0");
    assertThat(evacuation.get(60, TimeUnit.SECONDS).success()).isTrue();
  }

  @Test
  void aPodThatNobodyWouldMakeAnewIsLeftToTheAdministrator() throws Exception {
    pod("single", "");

    CompletableFuture<NodeOperations.Outcome> evacuation = begin();

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(progress.get()).contains("default/single has no controller"));
    server.kubectl("delete", "pod", "single", "--force", "--grace-period=0");
    assertThat(evacuation.get(60, TimeUnit.SECONDS).success()).isTrue();
  }

  @Test
  void itEndsOnlyWhenTheTrashIsEmpty() throws Exception {
    trash.trees.set(
        List.of(new Trash.Tree("1", Optional.empty(), Instant.EPOCH, Optional.empty())));

    CompletableFuture<NodeOperations.Outcome> evacuation = begin();

    Awaitility.await().untilAsserted(() -> assertThat(progress.get()).contains("1 trees"));
    assertThat(evacuation).isNotDone();
    trash.trees.set(List.of());
    assertThat(evacuation.get(60, TimeUnit.SECONDS).success()).isTrue();
  }
}
