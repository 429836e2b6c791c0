package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/** The chart's release on a cluster, from the image that {@code make image} has made. */
final class Release {
  static final String NAMESPACE = "fuselage-system";

  private static final String NAME = "fuselage";
  private static final String SELECTOR = "app.kubernetes.io/name=fuselage";

  private final Cluster cluster;

  Release(Cluster cluster) {
    this.cluster = cluster;
  }

  static void needImage() {
    Needs.that(
        Files.exists(Path.of("target", "fuselage-image.tar")),
        "there is no image: run `make image`");
  }

  /** Installs it and waits until each of its pods is ready; failing that it tells what they say. */
  void install(String... values) {
    installAsHelmWaits(values);
    awaitRollout();
  }

  /** The same with no more patience than {@code helm install --wait} has. */
  void installAsHelmWaits(String... values) {
    helm("install", "--create-namespace", values);
  }

  /** Changes values, and waits likewise. */
  void upgrade(String... values) {
    helm("upgrade", "--reuse-values", values);
    awaitRollout();
  }

  private void helm(String command, String option, String... values) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of(command, NAME, Chart.DIRECTORY.toAbsolutePath().toString()));
    line.addAll(List.of(option, "--namespace", NAMESPACE, "--wait", "--timeout", "120s"));
    for (String value : values) {
      line.add("--set");
      line.add(value);
    }
    Output outcome = cluster.tryHelm(line.toArray(String[]::new));
    assertThat(outcome.isSuccess()).as(() -> outcome + story()).isTrue();
  }

  private void awaitRollout() {
    // For Helm a DaemonSet is ready while as many are missing as may be unavailable.
    Output rollout =
        cluster.tryKubectl(
            "-n", NAMESPACE, "rollout", "status", "daemonset/" + NAME, "--timeout=120s");
    assertThat(rollout.isSuccess()).as(() -> rollout + story()).isTrue();
  }

  Output tryUninstall() {
    return cluster.tryHelm(
        "uninstall", NAME, "--namespace", NAMESPACE, "--wait", "--timeout", "180s");
  }

  /** Runs the pods of {@code helm test}. */
  void test() {
    Output test = cluster.tryHelm("test", NAME, "--namespace", NAMESPACE, "--timeout", "120s");
    assertThat(test.isSuccess()).as(() -> test + story()).isTrue();
  }

  /** What {@code fuselage} answers in the pod. */
  String fuselage(String... arguments) {
    List<String> line =
        new ArrayList<>(List.of("-n", NAMESPACE, "exec", ofPod("{.items[0].metadata.name}")));
    line.addAll(List.of("--", "fuselage"));
    line.addAll(List.of(arguments));
    return cluster.kubectl(line.toArray(String[]::new));
  }

  /** What the pod answers to a GET by its own address, as {@code metrics} for Prometheus. */
  String http(String path) {
    String address = ofPod("{.items[0].status.podIP}");
    return cluster.onNode("curl", "-sf", "http://%s:9750/%s".formatted(address, path));
  }

  /** Until there is one pod alone, of that component and ready. */
  void awaitOne(String component) {
    await(
        () -> {
          assertThat(ofPod("{.items[*].metadata.labels.app\\.kubernetes\\.io/component}"))
              .isEqualTo(component);
          assertThat(ofPod("{.items[0].status.containerStatuses[0].ready}")).isEqualTo("true");
        });
  }

  /** As {@link Cluster#await}; failing that it tells what node and pods say. */
  void await(ThrowingRunnable assertion) {
    try {
      Cluster.await(assertion);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + "\n" + story(), e);
    }
  }

  /** Whether containerd is answered by it. */
  boolean isAnswering() {
    return cluster
        .tryOnNode("ctr", "--timeout", "10s", "snapshots", "--snapshotter", "fuselage", "ls")
        .isSuccess();
  }

  /** Something of the one pod, by kubectl's path. */
  String ofPod(String path) {
    return cluster.kubectl(
        "-n", NAMESPACE, "get", "pods", "-l", SELECTOR, "-o", "jsonpath=" + path);
  }

  /** Something of the pods of a component, by kubectl's path. */
  String ofPods(String component, String path) {
    String selector = "%s,app.kubernetes.io/component=%s".formatted(SELECTOR, component);
    return cluster.kubectl(
        "-n", NAMESPACE, "get", "pods", "-l", selector, "-o", "jsonpath=" + path);
  }

  /** A condition of the one FuselageNode, as {@code False StoreUnavailable: message}. */
  String condition(String type) {
    return cluster.kubectl(
        "get",
        "fsn",
        "-o",
        "jsonpath={range .items[0].status.conditions[?(@.type==\"%s\")]}{.status} {.reason}: {.message}{end}"
            .formatted(type));
  }

  /** Deletes the one pod and waits for its end; the DaemonSet makes another one. */
  void deletePod() {
    var unused = cluster.kubectl("-n", NAMESPACE, "delete", "pods", "-l", SELECTOR, "--wait");
  }

  /** What the pods' containers have logged last. */
  String log() {
    return cluster.kubectl("-n", NAMESPACE, "logs", "-l", SELECTOR, "--tail=50");
  }

  String logOf(String object) {
    return cluster.kubectl("-n", NAMESPACE, "logs", object);
  }

  /** All that the one pod's container has logged since it was last started. */
  String logOfPod() {
    return logOf(ofPod("{.items[0].metadata.name}"));
  }

  /** All that the one before it in the same pod had logged. */
  String logBeforeRestart() {
    String pod = ofPod("{.items[0].metadata.name}");
    return cluster.kubectl("-n", NAMESPACE, "logs", pod, "--previous");
  }

  private String story() {
    return cluster.tryKubectl("describe", "nodes").out()
        + cluster.tryKubectl("describe", "pods", "--all-namespaces").out()
        + cluster.tryKubectl("-n", NAMESPACE, "logs", "-l", SELECTOR, "--tail=50");
  }
}
