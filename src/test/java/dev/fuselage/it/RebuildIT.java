package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.it.Place.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The store is gone under a node with images and running containers, and containerd sees nothing of
 * it.
 */
class RebuildIT {
  /** Images; 60 make 500 layers. */
  private static final int SHORT_FORM = 5;

  /** Of each image, besides the few that all have in common. */
  private static final int EXTRA_LAYERS = 9;

  private static final int MOST_CONTAINERS = 10;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @ParameterizedTest
  @ValueSource(strings = {"fuse-overlayfs", "overlayfs"})
  void everyImageStartsWithoutAPullAndRunningContainersGoOn(String driver) throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Campaign campaign = Campaign.begin("rebuild", SHORT_FORM);
    int running = Math.min((campaign.count() + 1) / 2, MOST_CONTAINERS);
    Path programs = Parts.needed("containerd", "containerd").resolveSibling("");
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage =
          Installation.in(workspace.path(), namespace, Parts.launcher())
              .with(Installation.DRIVER, driver);
      Service service = fuselage.start();
      try (Containerd containerd =
          Containerd.start(namespace, programs, workspace.path(), fuselage)) {
        List<String> images = images(campaign, containerd);
        Containers containers =
            new Containers(containerd, List.of("--cgroup", "/" + workspace.path().getFileName()));
        for (int i = 0; i < running; i++) {
          containers.start(images.get(i), "container-" + i);
          containers.exec("container-" + i, "echo before > /written");
        }
        String before = listing(fuselage);

        service.kill();
        workspace.run("rm", "-rf", fuselage.root().resolve("store").toString()).succeeded();
        Result rebuild = fuselage.run("rebuild").succeeded();
        System.out.print(rebuild.out());
        service = fuselage.start();
        awaitConnection(containerd);

        assertThat(listing(fuselage)).isEqualTo(before);
        for (int i = 0; i < running; i++) {
          assertThat(
                  containers.exec("container-" + i, "echo after >> /written; cat /written").out())
              .isEqualTo("before\nafter\n");
        }
        for (String image : images) {
          assertThat(containers.run(image, "again", "/check").out())
              .startsWith("the root file system is whole");
        }
        removeAll(containerd, containers, running, images);
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> keys(fuselage), String::isEmpty);
        assertThat(service.stop()).as(service.log()).isZero();
        campaign.summary(
            "%s: every image starts, %d containers went on; %s"
                .formatted(driver, running, rebuild.out().lines().findFirst().orElse("")));
      } finally {
        service.close();
      }
    }
  }

  /** Its client looks for a service that was away only now and then. */
  private static void awaitConnection(Containerd containerd) {
    List<String> list = List.of("snapshots", "--snapshotter", "fuselage", "ls");
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> containerd.tryCtr(list).exitCode() == 0);
  }

  private List<String> images(Campaign campaign, Containerd containerd) throws Exception {
    String testImage = Parts.goCommand("testimage").toString();
    String archive = workspace.resolve("image.tar").toString();
    List<String> images = new ArrayList<>();
    for (int i = 0; i < campaign.count(); i++) {
      String name = "docker.io/fuselage/test-%d:latest".formatted(i);
      workspace
          .run(
              testImage,
              "-o",
              archive,
              "-name",
              name,
              "-layers",
              Integer.toString(EXTRA_LAYERS),
              "-files",
              Integer.toString(i + 1))
          .succeeded();
      containerd.ctr("images", "import", "--snapshotter", "fuselage", archive);
      images.add(name);
      campaign.progress(images.size(), "brought to the node");
    }
    return images;
  }

  /** Every snapshot with its parent, labels and times. */
  private static String listing(Installation fuselage) {
    return fuselage.run("ls", "-o", "json").succeeded().out();
  }

  private static String keys(Installation fuselage) {
    return fuselage.run("ls", "--no-headers").succeeded().out();
  }

  private static void removeAll(
      Containerd containerd, Containers containers, int running, List<String> images) {
    for (int i = 0; i < running; i++) {
      containers.stop("container-" + i);
      containerd.ctr("containers", "rm", "container-" + i);
    }
    images.forEach(image -> containerd.ctr("images", "rm", "--sync", image));
  }
}
