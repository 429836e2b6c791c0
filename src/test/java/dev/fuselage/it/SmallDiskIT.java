package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Caller.Entry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A file system without space, or without inodes, and what comes when there is some again. */
class SmallDiskIT {
  private static final int MEGABYTES = 96;
  private static final int INODES = 1024;
  private static final int MANY = 2000;
  private static final Duration TO_RECOVER = Duration.ofSeconds(60);

  @RegisterExtension private final Workspace workspace = new Workspace();

  private Installation onSmallDisk() throws IOException {
    Parts.needRoot();
    Path image = workspace.resolve("image");
    Path disk = Files.createDirectory(workspace.resolve("disk"));
    workspace.run("truncate", "-s", MEGABYTES + "M", image.toString()).succeeded();
    String mkfs = Parts.needed("mkfs.ext4", "e2fsprogs").toString();
    // Nothing is kept back for root.
    workspace
        .run(mkfs, "-q", "-m", "0", "-N", Integer.toString(INODES), image.toString())
        .succeeded();
    workspace.run("mount", "-o", "loop", image.toString(), disk.toString()).succeeded();
    return Installation.in(workspace.path(), workspace, Parts.launcher())
        .with(Installation.ROOT, disk.resolve("root").toString());
  }

  @AfterEach
  void unmount() {
    Path disk = workspace.resolve("disk");
    if (workspace.run("mountpoint", "-q", disk.toString()).exitCode() == 0) {
      workspace.run("umount", disk.toString()).succeeded();
    }
  }

  @Test
  void withoutSpaceCreationsAreRefusedUntilThereIsSome() throws Exception {
    Installation fuselage = onSmallDisk();
    Path ballast = workspace.resolve("disk").resolve("ballast");
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertRefusesAndRecovers(
          fuselage,
          client,
          () -> {
            try (OutputStream file = Files.newOutputStream(ballast)) {
              byte[] block = new byte[4096];
              while (true) {
                file.write(block);
              }
            }
          },
          () -> Files.delete(ballast));
    }
  }

  @Test
  void withoutInodesCreationsAreRefusedUntilThereAreSome() throws Exception {
    Installation fuselage = onSmallDisk();
    Path ballast = Files.createDirectory(workspace.resolve("disk").resolve("ballast"));
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertRefusesAndRecovers(
          fuselage,
          client,
          () -> useUpInodes(ballast),
          () -> workspace.run("rm", "-r", ballast.toString()).succeeded());
    }
  }

  /**
   * The service finds none when it starts, which is when the store makes files; what containers
   * have used up is given back only by removing them.
   */
  @Test
  void whatUsedUpAllInodesCanBeRemovedAfterARestart() throws Exception {
    Installation fuselage = onSmallDisk();
    Path upper;
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      // Without a parent it is a bind mount of the directory itself.
      upper = Path.of(client.prepare(Call.PATIENT, "greedy", "", Labels.NONE).getFirst().source());
      // The first reconciliation keeps the reserve.
      Awaitility.await("the reserve")
          .atMost(TO_RECOVER)
          .until(() -> Files.exists(fuselage.root().resolve("reserve-inodes/31")));
    }
    int made = useUpInodes(upper);
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      Awaitility.await("a Remove")
          .atMost(TO_RECOVER)
          .until(() -> failureOf(() -> client.remove(Call.PATIENT, "greedy")).isEmpty());
      Awaitility.await("free inodes")
          .atMost(TO_RECOVER)
          .until(
              () ->
                  failureOf(() -> client.prepare(Call.PATIENT, "after", "", Labels.NONE))
                      .isEmpty());
      assertRecordsAre(fuselage, client, List.of("after"));
    }
    assertThat(made).isPositive();
  }

  private static int useUpInodes(Path directory) {
    int made = 0;
    try {
      while (true) {
        Files.createFile(directory.resolve("file " + made));
        made++;
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
    return made;
  }

  /** Something that touches the disk. */
  @FunctionalInterface
  private interface Act {
    void run() throws IOException;
  }

  private static void assertRefusesAndRecovers(
      Installation fuselage, SnapshotterClient client, Act fill, Act free) throws IOException {
    client.prepare(Call.PATIENT, "preparing", "", Labels.NONE);
    client.commit(Call.PATIENT, "base", "preparing", Optional.empty(), Labels.NONE);
    client.prepare(Call.PATIENT, "before", "base", Labels.NONE);
    try {
      fill.run();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
    List<String> made = new ArrayList<>(List.of("before"));
    Optional<SnapshotException> refusal = Optional.empty();
    for (int i = 0; i < MANY && refusal.isEmpty(); i++) {
      String key = "key " + i;
      refusal = failureOf(() -> client.prepare(Call.PATIENT, key, "base", Labels.NONE));
      if (refusal.isEmpty()) {
        made.add(key);
      }
    }
    System.out.printf("%d were made, then: %s%n", made.size(), refusal);
    assertThat(refusal).isPresent();
    assertThat(refusal.get().code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertRecordsAre(fuselage, client, with("base", made));

    free.run();
    Awaitility.await("a Prepare")
        .atMost(TO_RECOVER)
        .until(
            () ->
                failureOf(() -> client.prepare(Call.PATIENT, "after", "base", Labels.NONE))
                    .isEmpty());
    made.add("after");
    assertRecordsAre(fuselage, client, with("base", made));
    made.forEach(key -> client.remove(Call.PATIENT, key));
    assertRecordsAre(fuselage, client, List.of("base"));
  }

  private static void assertRecordsAre(
      Installation fuselage, SnapshotterClient client, List<String> made) throws IOException {
    Map<String, Entry> found = Crowd.found(client);
    assertThat(found).containsOnlyKeys(made);
    assertThat(Crowd.directories(fuselage.root().resolve("snapshots")))
        .hasSameSizeAs(found.keySet());
  }

  private static List<String> with(String one, List<String> others) {
    List<String> all = new ArrayList<>(others);
    all.add(one);
    return all;
  }

  private static Optional<SnapshotException> failureOf(Runnable call) {
    try {
      call.run();
      return Optional.empty();
    } catch (SnapshotException e) {
      return Optional.of(e);
    }
  }
}
