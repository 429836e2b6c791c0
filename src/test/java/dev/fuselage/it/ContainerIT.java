package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.it.Place.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real containerd brings images by every way, and runs, diffs and commits containers on us. */
class ContainerIT {
  private static final String IMPORTED = "docker.io/fuselage/test:latest";
  private static final int LAYERS = 4;

  /** Prints the inode of each name that one file has. */
  private static final String LINKS =
      "stat -c %i /data/linked /data/linked-too /data/directory-of-user/linked-elsewhere";

  private static final String WRITE =
      """
      set -e
      echo "The container wrote this." >>/etc/motd
      echo new >/new && chown 1000:65534 /new && chmod 0640 /new
      rm /data/of-root
      rm -r /data/directory-of-user && mkdir /data/directory-of-user
      echo again >/data/directory-of-user/other
      ln /data/of-nobody /data/of-nobody-too
      mv /data/a\\ name* /data/renamed
      """;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @ParameterizedTest(name = "containerd {0} with {1} as {2}")
  @CsvSource({
    "1, fuse-overlayfs, root",
    "1, overlayfs, root",
    "2, fuse-overlayfs, root",
    "2, overlayfs, root",
    "1, fuse-overlayfs, user",
    "2, fuse-overlayfs, user",
  })
  void containersRunOnImagesHoweverTheyCame(int major, String driver, String who) throws Exception {
    Path built = Containerd.programs(major);
    Path image = workspace.resolve("image.tar");
    Path layout = workspace.resolve("layout");
    Path testImage = Parts.goCommand("testimage");
    workspace.run(testImage.toString(), "-o", image.toString(), "-name", IMPORTED).succeeded();
    workspace
        .run(testImage.toString(), "-o", layout.toString(), "-format", "layout-dir")
        .succeeded();
    Path launcher = Parts.launcher();
    if (who.equals("user")) {
      Rootless user = Rootless.user(workspace);
      launcher = Parts.launcherOf(user.copy(Parts.distribution(), "fuselage"));
      Path programs = major == 2 ? user.copy(built, "programs") : built;
      user.takeWorkspace();
      try (Namespace namespace = Namespace.of(user, workspace)) {
        // An ordinary user may make no cgroup.
        run(namespace, launcher, programs, driver, List.of("--cgroup", "", "--cpu-shares", "0"));
      }
    } else {
      Parts.needRoot();
      Parts.needFuse();
      try (Namespace namespace = Namespace.asRoot(workspace)) {
        String cgroup = "/" + workspace.path().getFileName();
        run(namespace, launcher, built, driver, List.of("--cgroup", cgroup));
      }
    }
  }

  private void run(
      Namespace namespace, Path launcher, Path programs, String driver, List<String> options)
      throws Exception {
    Path directory = workspace.path();
    Installation fuselage =
        Installation.in(directory, namespace, launcher).with(Installation.DRIVER, driver);
    try (Service service = fuselage.start();
        Containerd containerd = Containerd.start(namespace, programs, directory, fuselage);
        Registry registry = Registry.start(workspace)) {
      System.out.printf("containerd %s, %s%n", containerd.version(), driver);
      String pulled = registry.push(workspace.resolve("layout"), "fuselage/test:latest");
      Containers containers = new Containers(containerd, options);

      // Through the daemon's transfer service, and by the client itself.
      for (boolean local : containerd.isSecond() ? List.of(false, true) : List.of(false)) {
        bring(containerd, local, "pull", "--plain-http", pulled);
        assertImageIsWhole(fuselage, containers, pulled);
        removeImage(fuselage, containerd, pulled);
      }
      bring(containerd, containerd.isSecond(), "import", workspace.resolve("image.tar").toString());
      assertImageIsWhole(fuselage, containers, IMPORTED);
      assertContainerCanBeCommitted(namespace, containerd, containers);
      removeImage(fuselage, containerd, IMPORTED);

      assertThat(service.stop()).as(service.log()).isZero();
    }
  }

  private static void bring(Containerd containerd, boolean local, String how, String... what) {
    List<String> line = new ArrayList<>(List.of("images", how, "--snapshotter", "fuselage"));
    if (local) {
      line.add("--local");
    }
    line.addAll(List.of(what));
    containerd.ctr(line.toArray(String[]::new));
  }

  private void assertImageIsWhole(Installation fuselage, Containers containers, String image)
      throws Exception {
    assertThat(snapshots(fuselage)).hasSize(LAYERS).allMatch(line -> line.startsWith("committed"));
    assertThat(
            containers.run(image, "checker", "/bin/sh", "-c", "/check && " + LINKS).out().lines())
        .first()
        .isEqualTo("the root file system is whole");
  }

  /** What a container writes is what a diff of it and a commit hold. */
  private void assertContainerCanBeCommitted(
      Namespace namespace, Containerd containerd, Containers containers) throws Exception {
    String root = "/proc/%s/root".formatted(containers.start(IMPORTED, "writer"));
    assertThat(attribute(namespace, root + "/data/attributes", "user.fuselage"))
        .contains("user.fuselage=\"an attribute\"");
    assertThat(attribute(namespace, root + "/data/attributes", "user.binary"))
        .contains("user.binary=0sAf8C");
    assertThat(attribute(namespace, root + "/data/directory-with-attribute", "user.fuselage"))
        .contains("user.fuselage=\"of a directory\"");
    assertThat(containers.exec("writer", LINKS).out().lines().distinct()).hasSize(1);
    containers.exec("writer", WRITE);
    String usage = containerd.ctr("snapshots", "usage", "writer").out();
    assertThat(usage).contains("writer");

    String diff =
        Place.run(
                containerd.command(
                    "bash",
                    "-euo",
                    "pipefail",
                    "-c",
                    "ctr snapshots diff --media-type application/vnd.oci.image.layer.v1.tar writer"
                        + " | tar --list --verbose --numeric-owner"))
            .succeeded()
            .out();
    assertThat(diff)
        .containsPattern("-rw-r----- 1000/65534 .* new\n")
        .contains(" etc/motd\n", " data/.wh.of-root\n", " data/directory-of-user/other\n")
        .contains(" data/renamed\n", " data/.wh.a name")
        .doesNotContain("etc/passwd", "busybox");

    containerd.ctr("snapshots", "label", "writer", "containerd.io/gc.root=now");
    containers.stop("writer");
    containerd.ctr("containers", "rm", "--keep-snapshot", "writer");
    containerd.ctr("snapshots", "commit", "committed", "writer");
    assertCommitHolds(namespace, containerd);
    containerd.ctr("snapshots", "rm", "again");
    containerd.ctr("snapshots", "rm", "committed");
  }

  private void assertCommitHolds(Namespace namespace, Containerd containerd) throws IOException {
    containerd.ctr("snapshots", "prepare", "again", "committed");
    Path target = Files.createDirectory(workspace.resolve("target"));
    // As containerd calls the helper; mount(8) hands it the whole type.
    String mount =
        containerd
            .ctr("snapshots", "mounts", target.toString(), "again")
            .out()
            .replaceFirst("mount -t fuse3\\.(\\S+) (.*)", "mount.fuse3 $2 -t $1");
    String look =
        "cd %s && cat new && tail -n 1 etc/motd && ls -A data/directory-of-user && ! ls data/of-root";
    Result seen =
        namespace
            .run("sh", "-ec", mount + "\n(" + look.formatted(target) + ")\numount " + target)
            .succeeded();
    assertThat(seen.out()).isEqualTo("new\nThe container wrote this.\nother\n");
    Files.delete(target);
  }

  private static String attribute(Place place, String file, String name) {
    return place.run("getfattr", "--absolute-names", "-n", name, file).succeeded().out();
  }

  private static List<String> snapshots(Installation fuselage) {
    return fuselage.run("ls", "--no-headers").succeeded().out().lines().toList();
  }

  /** containerd forgets at once; what it collects, and what we delete, takes its time. */
  private static void removeImage(Installation fuselage, Containerd containerd, String image)
      throws Exception {
    containerd.ctr("images", "rm", "--sync", image);
    for (String directory : List.of("snapshots", "trash")) {
      Awaitility.await(directory)
          .atMost(Duration.ofMinutes(2))
          .until(() -> names(fuselage.root().resolve(directory)), List::isEmpty);
    }
    assertThat(snapshots(fuselage)).isEmpty();
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(Path::toString).toList();
    }
  }
}
