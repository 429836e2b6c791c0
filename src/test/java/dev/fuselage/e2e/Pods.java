package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

/** The pods of a test, in the namespace {@code default}. */
final class Pods {
  /** What /check prints in a container of the test image that misses nothing. */
  static final String WHOLE = "the root file system is whole";

  /** What the line of a root in /proc/mounts looks like, whatever the driver. */
  static final String ON_FUSELAGE =
      "^(fuse-overlayfs / fuse\\.fuse-overlayfs |overlay / overlay .*=/var/lib/fuselage/snapshots/)";

  /** A pod that is there before anything happens. */
  static final String KEEPER = "keeper";

  private static final String REPOSITORY = "fuselage/test:pulled";

  /** What the registry has the test image by, once {@link #withKeeper} has pushed it. */
  static final String IMAGE = Cluster.REGISTRY + "/" + REPOSITORY;

  private static final String MANIFEST =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: %s
      spec:
        %s
        terminationGracePeriodSeconds: 0
        containers:
        - name: main
          image: %s
          command: ["/bin/sh", "-euc", "%s"]
      """;

  private final Cluster cluster;

  Pods(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Installs the release, and has a pod on it. */
  static Pods withKeeper(Cluster cluster, Release release, String... values) {
    Pods pods = new Pods(cluster);
    release.install(values);
    cluster.awaitDropIn();
    pods.onFuselage(KEEPER, cluster.push(REPOSITORY));
    pods.awaitReady(KEEPER);
    return pods;
  }

  /** Makes a pod, waits until it is ready, and deletes it, again and again. */
  Repetition churn(String name) {
    return Repetition.begin(
        "churn " + name,
        number -> {
          String pod = "churn-%s-%d".formatted(name, number);
          onFuselage(pod, IMAGE);
          awaitReady(pod);
          delete(pod);
          return true;
        });
  }

  /** Makes a pod with the RuntimeClass, which lives until it is deleted. */
  void onFuselage(String name, String image) {
    create(name, "runtimeClassName: fuselage", image, "sleep 86400");
  }

  /** Makes a pod without one. */
  void plain(String name, String image) {
    create(name, "restartPolicy: Always", image, "sleep 86400");
  }

  private void create(String name, String more, String image, String script) {
    cluster.apply(MANIFEST.formatted(name, more, image, script));
  }

  /** Until the pod is ready, in the time that the kubelet gives itself. */
  void awaitReady(String name) {
    Output wait =
        cluster.tryKubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=180s");
    assertThat(wait.isSuccess())
        .as(() -> wait + cluster.tryKubectl("describe", "pod", name).out())
        .isTrue();
  }

  /** What a shell in the pod prints. */
  String shell(String name, String script) {
    return cluster.kubectl("exec", name, "--", "/bin/sh", "-euc", script);
  }

  /** The line of its root in /proc/mounts. */
  String root(String name) {
    return shell(name, "grep ' / ' /proc/mounts");
  }

  /** The id that containerd knows its container by. */
  String containerId(String name) {
    String id =
        cluster.kubectl(
            "get", "pod", name, "-o", "jsonpath={.status.containerStatuses[0].containerID}");
    return id.substring(id.lastIndexOf('/') + 1);
  }

  /** How often its container was started again. */
  int restarts(String name) {
    return Integer.parseInt(
        cluster.kubectl(
            "get", "pod", name, "-o", "jsonpath={.status.containerStatuses[0].restartCount}"));
  }

  /** That its container is still the one of that id, and its root whole. */
  void assertUnhurt(String name, String container) {
    assertThat(containerId(name)).isEqualTo(container);
    assertThat(restarts(name)).isZero();
    assertThat(shell(name, "/check")).startsWith(WHOLE);
  }

  void delete(String name) {
    var unused = cluster.kubectl("delete", "pod", name, "--wait");
  }
}
