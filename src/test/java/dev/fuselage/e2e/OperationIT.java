package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.e2e.Cluster.User;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to a release in its life. */
@Tag("e2e")
class OperationIT {
  private static final String KEEPER = "keeper";
  private static final String IMAGE = "fuselage/test:pulled";

  @ParameterizedTest
  @EnumSource(User.class)
  void aDamagedStoreIsToldAndIsRebuiltInThePodWithNothingLost(User user) {
    Release.needImage();
    try (Cluster cluster = Cluster.up(user)) {
      Release release = new Release(cluster);
      Pods pods = withPod(cluster, release);
      String container = pods.containerId(KEEPER);
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
      pods.assertUnhurt(KEEPER, container);

      assertThat(release.fuselage("rebuild")).contains("brought back: ").doesNotContain("not ");
      release.awaitOne("node");

      assertThat(release.ofPod("{.items[0].status.containerStatuses[0].restartCount}"))
          .isEqualTo("0");
      assertThat(snapshots(release)).isEqualTo(snapshots);
      pods.assertUnhurt(KEEPER, container);
      cluster.stop("registry");
      pods.onFuselage("after", Cluster.REGISTRY + "/" + IMAGE);
      pods.awaitReady("after");
      assertThat(pods.root("after")).containsPattern(Pods.ON_FUSELAGE);
      assertThat(pods.shell("after", "/check")).startsWith(Pods.WHOLE);
      Cluster.await(() -> assertThat(release.condition("Ready")).startsWith("True Serving: "));
      assertThat(release.condition("StoreHealthy")).startsWith("True Healthy: ");
    }
  }

  /** Kind, key and parent of each; not the age. */
  private static List<String> snapshots(Release release) {
    return release
        .fuselage("ls", "--no-headers")
        .lines()
        .map(line -> line.substring(0, line.lastIndexOf('\t')))
        .toList();
  }

  /** A node with the release and a pod on it. */
  private static Pods withPod(Cluster cluster, Release release, String... values) {
    Pods pods = new Pods(cluster);
    release.install(values);
    cluster.awaitDropIn();
    pods.onFuselage(KEEPER, cluster.push(IMAGE));
    pods.awaitReady(KEEPER);
    return pods;
  }
}
