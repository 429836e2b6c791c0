package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.it.Place.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The power fails while containerd, on the same disk, pulls images: every image that it lists
 * afterwards runs, at most after one ordinary pull of the same reference, and none is in
 * quarantine.
 */
class PowerCutContainerdIT {
  private static final int SHORT_FORM = 2;
  private static final int IMAGES = 3;
  private static final int MOST_MILLISECONDS = 4000;

  @RegisterExtension private final Workspace workspace = new Workspace();

  private int looked;
  private int pulledAgain;

  @Test
  void everyImageThatContainerdListsRuns() throws Exception {
    Campaign campaign = Campaign.begin("power-containerd", SHORT_FORM);
    Random random = new Random(campaign.seed());
    Path programs = Parts.tool("containerd");
    Path image = PowerDisk.make(workspace, "ext4");
    try (Registry registry = Registry.start(workspace)) {
      List<String> references = push(registry);
      for (int round = 0; round <= campaign.count(); round++) {
        long seed = random.nextLong();
        long moment = round < campaign.count() ? random.nextInt(MOST_MILLISECONDS) : -1;
        round(programs, image, references, seed, moment);
        campaign.progress(round, figures());
      }
    }
    campaign.summary("0 images that do not run, 0 in quarantine, " + figures());
  }

  private String figures() {
    return "%d images run, %d of them after a pull".formatted(looked, pulledAgain);
  }

  private List<String> push(Registry registry) {
    Path testImage = Parts.goCommand("testimage");
    List<String> references = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      Path layout = workspace.resolve("layout" + i);
      List<String> line = new ArrayList<>(List.of(testImage.toString(), "-o", layout.toString()));
      line.addAll(List.of("-format", "layout-dir", "-layers", Integer.toString(4 + i)));
      line.addAll(List.of("-files", "20", "-size", Integer.toString(20_000 + i)));
      Place.run(workspace.command(line)).succeeded();
      references.add(registry.push(layout, "fuselage/test%d:latest".formatted(i)));
    }
    return references;
  }

  /**
   * Looks at what is there, and then pulls until the power fails; never if the moment is negative.
   */
  private void round(Path programs, Path image, List<String> references, long seed, long moment)
      throws Exception {
    Path directory = workspace.path();
    Path mountPoint = workspace.resolve("disk");
    // What a reboot empties.
    workspace.run("rm", "-rf", workspace.resolve("containerd-state").toString()).succeeded();
    Files.deleteIfExists(workspace.resolve("containerd-root"));
    try (PowerDisk disk = PowerDisk.on(workspace, image, "ext4", mountPoint)) {
      Path onDisk = mountPoint.resolve("containerd-root");
      Files.createDirectories(onDisk);
      Files.createSymbolicLink(workspace.resolve("containerd-root"), onDisk);
      try (Namespace namespace = Namespace.asRoot(workspace)) {
        Installation fuselage =
            Installation.in(directory, namespace, Parts.launcher())
                .with(Installation.ROOT, mountPoint.resolve("root").toString());
        try (Service service = fuselage.start();
            Containerd containerd = Containerd.start(namespace, programs, directory, fuselage)) {
          assertImagesRun(containerd);
          assertThat(fuselage.run("quarantine", "ls").succeeded().out()).isEmpty();
          if (moment >= 0) {
            cutWhilePulling(
                containerd,
                references,
                moment,
                () -> {
                  System.out.println("cut after " + moment + " ms: " + disk.cut(seed));
                  containerd.close();
                  service.kill();
                  // A client whose containerd was killed waits for another.
                  namespace.close();
                });
          }
        }
      }
    }
  }

  private void assertImagesRun(Containerd containerd) throws Exception {
    Containers containers =
        new Containers(containerd, List.of("--cgroup", "/" + workspace.path().getFileName()));
    for (String reference : containerd.ctr("images", "ls", "-q").out().lines().toList()) {
      looked++;
      try {
        run(containers, reference);
      } catch (AssertionError e) {
        pulledAgain++;
        System.out.println(reference + " is pulled again: " + firstLine(e));
        containerd.ctr(pull(reference));
        run(containers, reference);
      }
      containerd.ctr("images", "rm", "--sync", reference);
    }
  }

  private static String firstLine(AssertionError e) {
    return String.valueOf(e.getMessage())
        .lines()
        .filter(it -> it.contains("ctr:"))
        .findFirst()
        .orElse(String.valueOf(e.getMessage()));
  }

  private void run(Containers containers, String reference) throws Exception {
    String name = "checker-" + looked + "-" + pulledAgain;
    assertThat(containers.run(reference, name, "/bin/sh", "-c", "/check").out())
        .contains("the root file system is whole");
  }

  private static String[] pull(String reference) {
    return new String[] {
      "images", "pull", "--plain-http", "--local", "--snapshotter", "fuselage", reference
    };
  }

  private static void cutWhilePulling(
      Containerd containerd, List<String> references, long moment, Crowd.Disaster cut)
      throws Exception {
    AtomicBoolean off = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(references.size())) {
      List<Future<?>> pulls = new ArrayList<>();
      for (String reference : references) {
        pulls.add(
            threads.submit(
                () -> {
                  while (!off.get()) {
                    Result result = containerd.tryCtr(List.of(pull(reference)));
                    if (result.exitCode() != 0 && !off.get()) {
                      throw new AssertionError(result.toString());
                    }
                  }
                }));
      }
      Thread.sleep(moment);
      off.set(true);
      cut.strike();
      for (Future<?> pull : pulls) {
        pull.get();
      }
    }
  }
}
