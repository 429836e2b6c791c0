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
  private static final int IMAGES = Integer.getInteger("fuselage.rebuild.images", 5);
  private static final int EXTRA_LAYERS = Integer.getInteger("fuselage.rebuild.layers", 6);
  private static final int CONTAINERS = Integer.getInteger("fuselage.rebuild.containers", 3);

  @RegisterExtension private final Workspace workspace = new Workspace();

  @ParameterizedTest
  @ValueSource(strings = {"fuse-overlayfs", "overlayfs"})
  void everyImageStartsWithoutAPullAndRunningContainersGoOn(String driver) throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Path programs = Parts.needed("containerd", "containerd").resolveSibling("");
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage =
          Installation.in(workspace.path(), namespace, Parts.launcher())
              .with(Installation.DRIVER, driver);
      Service service = fuselage.start();
      try (Containerd containerd =
          Containerd.start(namespace, programs, workspace.path(), fuselage)) {
        List<String> images = images(containerd);
        Containers containers =
            new Containers(containerd, List.of("--cgroup", "/" + workspace.path().getFileName()));
        for (int i = 0; i < CONTAINERS; i++) {
          containers.start(images.get(i % IMAGES), "container-" + i);
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
        for (int i = 0; i < CONTAINERS; i++) {
          assertThat(
                  containers.exec("container-" + i, "echo after >> /written; cat /written").out())
              .isEqualTo("before\nafter\n");
        }
        for (String image : images) {
          assertThat(containers.run(image, "again", "/check").out())
              .startsWith("the root file system is whole");
        }
        removeAll(containerd, containers, images);
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> keys(fuselage), String::isEmpty);
        assertThat(service.stop()).as(service.log()).isZero();
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

  private List<String> images(Containerd containerd) throws Exception {
    String testImage = Parts.goCommand("testimage").toString();
    String archive = workspace.resolve("image.tar").toString();
    List<String> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
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

  private static void removeAll(Containerd containerd, Containers containers, List<String> images) {
    for (int i = 0; i < CONTAINERS; i++) {
      containers.stop("container-" + i);
      containerd.ctr("containers", "rm", "container-" + i);
    }
    images.forEach(image -> containerd.ctr("images", "rm", "--sync", image));
  }
}
