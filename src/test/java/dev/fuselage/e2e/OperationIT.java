package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to a release in its life. */
@Tag("e2e")
class OperationIT {
  @ParameterizedTest
  @EnumSource(User.class)
  void aDamagedStoreIsToldAndIsRebuiltInThePodWithNothingLost(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = Pods.withKeeper(cluster, release);
      String container = pods.containerId(Pods.KEEPER);
      List<String> snapshots = snapshots(release);

      var unused = cluster.onNode("sh", "-euc", "echo none >/var/lib/fuselage/store/CURRENT");
      release.deletePod();

      Cluster.await(
          () ->
              assertThat(release.condition("StoreHealthy"))
                  .startsWith("False Damaged: ")
                  .contains("fuselage rebuild"));
      assertThat(release.condition("Ready")).startsWith("False StoreUnavailable: ");
      assertThat(release.ofPod("{.items[0].status.containerStatuses[0]['started', 'ready']}"))
          .isEqualTo("true false");
      pods.assertUnhurt(Pods.KEEPER, container);

      assertThat(release.fuselage("rebuild")).contains("brought back: ").doesNotContain("not ");
      release.awaitOne("node");

      assertThat(release.ofPod("{.items[0].status.containerStatuses[0].restartCount}"))
          .isEqualTo("0");
      assertThat(snapshots(release)).isEqualTo(snapshots);
      pods.assertUnhurt(Pods.KEEPER, container);
      cluster.stop("registry");
      pods.onFuselage("after", Pods.IMAGE);
      pods.awaitReady("after");
      assertThat(pods.root("after")).containsPattern(Pods.ON_FUSELAGE);
      assertThat(pods.shell("after", "/check")).startsWith(Pods.WHOLE);
      Cluster.await(() -> assertThat(release.condition("Ready")).startsWith("True Serving: "));
      assertThat(release.condition("StoreHealthy")).startsWith("True Healthy: ");
    }
  }

  @ParameterizedTest
  @EnumSource(User.class)
  void anUpgradeHurtsNoContainerAndANewerFormatIsRefused(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = Pods.withKeeper(cluster, release);
      String container = pods.containerId(Pods.KEEPER);
      int active = active(release);

      upgrade(user, cluster, release, pods);

      pods.assertUnhurt(Pods.KEEPER, container);
      // What was removed while nobody served is removed later.
      Cluster.await(() -> assertThat(active(release)).isEqualTo(active));

      assertNewerFormatIsRefused(cluster, release);
      pods.assertUnhurt(Pods.KEEPER, container);
    }
  }

  /** Rolls to an image of another tag, while pods come and go. */
  private static void upgrade(User user, Cluster cluster, Release release, Pods pods) {
    var unused =
        cluster.onNode(
            "sh",
            "-euc",
            "ctr images tag $(ctr images ls -q | grep ^localhost/fuselage:) localhost/fuselage:next");
    try (Repetition one = pods.churn("one");
        Repetition other = pods.churn("other");
        Repetition calls = Repetition.begin("calls", _ -> release.isAnswering())) {
      awaitMore(one, other);
      Duration life = longer(one, other);
      Duration call = calls.longest();

      release.upgrade("image.tag=next");
      awaitMore(one, other);

      System.out.printf(
          "%s: with the upgrade containerd was not answered for %d ms (before for %d ms at most);"
              + " a pod came and went in %d ms at most (before in %d ms)%n",
          user,
          calls.longest().toMillis(),
          call.toMillis(),
          longer(one, other).toMillis(),
          life.toMillis());
      assertThat(calls.longest()).isLessThan(Duration.ofMinutes(1));
    }
    assertThat(release.ofPod("{.items[*].spec.containers[0].image}"))
        .isEqualTo("localhost/fuselage:next");
  }

  /** Until each has done it twice more: that which is begun already, and another one. */
  private static void awaitMore(Repetition one, Repetition other) {
    int ofOne = one.successes() + 2;
    int ofOther = other.successes() + 2;
    Cluster.await(
        () -> {
          assertThat(one.successes()).isGreaterThanOrEqualTo(ofOne);
          assertThat(other.successes()).isGreaterThanOrEqualTo(ofOther);
        });
  }

  private static Duration longer(Repetition one, Repetition other) {
    return Collections.max(List.of(one.longest(), other.longest()));
  }

  /** As after an upgrade to a version that has another format, and the way back from there. */
  private static void assertNewerFormatIsRefused(Cluster cluster, Release release) {
    String mark = "/var/lib/fuselage/fuselage.properties";
    var unused = cluster.onNode("sed", "-i", "s/^format=1$/format=2/", mark);
    release.deletePod();
    Cluster.await(
        () ->
            assertThat(release.log())
                .contains("format '2'", "start the version of Fuselage that made it"));
    Cluster.await(
        () ->
            assertThat(
                    release.ofPod(
                        "{.items[0].status.containerStatuses[0].lastState.terminated.exitCode}"))
                .isEqualTo("78"));

    unused = cluster.onNode("sed", "-i", "s/^format=2$/format=1/", mark);
    release.deletePod();
    release.awaitOne("node");
  }

  private static int active(Release release) {
    return Math.toIntExact(
        release.fuselage("ls", "--no-headers", "--kind", "active").lines().count());
  }

  /** Kind, key and parent of each; not the age. */
  private static List<String> snapshots(Release release) {
    return release
        .fuselage("ls", "--no-headers")
        .lines()
        .map(line -> line.substring(0, line.lastIndexOf('\t')))
        .toList();
  }
}
