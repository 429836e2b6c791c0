package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Caller.Entry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Listing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Killed in the middle of many callers' calls: whatever was acknowledged is there. */
class KillIT {
  private static final int CALLERS = 16;
  private static final int SHORT_FORM = 5;
  private static final int MOST_CALLS = 500;

  /** Of files and records, where they can't agree any more. */
  private static final Duration SOON = Duration.ofSeconds(2);

  @RegisterExtension private final Workspace workspace = new Workspace();

  private final Ids ids = new Ids();

  @Test
  void everyAcknowledgedCallSurvivesAKill() throws Exception {
    Campaign campaign = Campaign.begin("kill", SHORT_FORM);
    Random random = new Random(campaign.seed());
    List<Caller> callers = callers(campaign.seed());
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    for (int round = 0; round <= campaign.count(); round++) {
      try (Service service = fuselage.start()) {
        try (SnapshotterClient client = service.client()) {
          String when = "SEED=%d, after kill %d".formatted(campaign.seed(), round);
          assertThat(complaints(callers, client)).as(when).isEmpty();
          assertThat(differences(fuselage, client, Place.PATIENCE)).as(when).isEmpty();
        }
        if (round < campaign.count()) {
          killUnderLoad(service, callers, random.nextInt(MOST_CALLS));
        }
      }
      campaign.progress(round, figures(callers));
    }
    campaign.summary("0 lost, 0 orphans, 0 failed starts, " + figures(callers));
    assertSuitePassesOn(fuselage.root());
  }

  private List<Caller> callers(long seed) {
    return IntStream.range(0, CALLERS).mapToObj(number -> new Caller(number, seed, ids)).toList();
  }

  private String figures(List<Caller> callers) {
    return "%d calls acknowledged, %d ids seen".formatted(answered(callers), ids.count());
  }

  private static int answered(List<Caller> callers) {
    return callers.stream().mapToInt(Caller::answered).sum();
  }

  @Test
  void aLossIsNoticed() throws Exception {
    List<Caller> callers = callers(1);
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    try (Service service = fuselage.start()) {
      killUnderLoad(service, callers, MOST_CALLS);
    }
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(complaints(callers, client)).isEmpty();
      Map<String, Entry> found = found(client);
      List<String> childless = new ArrayList<>(found.keySet());
      found.values().forEach(entry -> childless.remove(entry.parent()));
      String key = childless.getFirst();

      client.update(Call.PATIENT, key, labels -> labels.with("updated", "by nobody"));
      assertThat(complaints(callers, client)).singleElement().asString().contains(key);

      client.remove(Call.PATIENT, key);
      assertThat(complaints(callers, client)).singleElement().asString().contains(key);
    }
  }

  @Test
  void aLostDirectoryIsNoticed() throws Exception {
    List<Caller> callers = callers(1);
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    try (Service service = fuselage.start()) {
      killUnderLoad(service, callers, MOST_CALLS);
    }
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(complaints(callers, client)).isEmpty();
      assertThat(differences(fuselage, client, Place.PATIENCE)).isEmpty();

      Path lost = directories(fuselage.root().resolve("snapshots")).getFirst();
      workspace.run("rm", "-r", lost.toString()).succeeded();
      assertThat(differences(fuselage, client, SOON)).isPresent();

      Files.createDirectory(lost);
      Files.createDirectory(fuselage.root().resolve("snapshots", "999999999"));
      assertThat(differences(fuselage, client, SOON)).isPresent();
    }
  }

  /** Kills it after so many answers more; counted, since a slow machine must be hit at work too. */
  private void killUnderLoad(Service service, List<Caller> callers, int calls) throws Exception {
    AtomicBoolean killed = new AtomicBoolean();
    int moment = answered(callers) + calls;
    try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> work = new ArrayList<>();
      for (Caller caller : callers) {
        work.add(
            threads.submit(
                () -> {
                  try (SnapshotterClient client = service.client()) {
                    caller.work(client, killed::get);
                  }
                }));
      }
      while (answered(callers) < moment && work.stream().noneMatch(Future::isDone)) {
        Thread.sleep(1);
      }
      killed.set(true);
      service.kill();
      for (Future<?> caller : work) {
        caller.get();
      }
    }
  }

  private static List<String> complaints(List<Caller> callers, SnapshotterClient client) {
    Map<String, Entry> found = found(client);
    return callers.stream().flatMap(caller -> caller.check(found).stream()).toList();
  }

  private static Map<String, Entry> found(SnapshotterClient client) {
    Map<String, Entry> found = new TreeMap<>();
    try (Listing<Info> listing = client.list(List.of())) {
      listing.forEachRemaining(info -> found.put(info.name(), Entry.of(info)));
    }
    return found;
  }

  /**
   * How records and directories differ once there was time to find and delete what was half made;
   * empty if they don't.
   */
  private Optional<String> differences(
      Installation fuselage, SnapshotterClient client, Duration patience) throws Exception {
    Map<String, Entry> found = found(client);
    found.forEach(
        (key, entry) -> {
          if (entry.kind() == Kind.ACTIVE) {
            ids.see(key, client.mounts(key));
          }
        });
    Path snapshots = fuselage.root().resolve("snapshots");
    Path trash = fuselage.root().resolve("trash");
    long end = System.nanoTime() + patience.toNanos();
    while (directories(snapshots).size() != found.size() || !directories(trash).isEmpty()) {
      if (System.nanoTime() - end > 0) {
        return Optional.of(
            "%d records, %d directories, %d in the trash"
                .formatted(found.size(), directories(snapshots).size(), directories(trash).size()));
      }
      Thread.sleep(2);
    }
    return Optional.empty();
  }

  private static List<Path> directories(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  /** Each test of the suite on a copy, beside all that the killed services left. */
  private void assertSuitePassesOn(Path root) {
    Parts.needRoot();
    Parts.needFuse();
    ProcessBuilder builder =
        workspace.command(Parts.goTest("conformance").toString(), "-test.v", "-test.parallel=2");
    builder.environment().put("FUSELAGE_COMMAND", Parts.launcher().toString());
    builder.environment().put("DRIVER", "fuse-overlayfs");
    builder.environment().put("SUITE_ROOT", root.toString());
    builder.environment().put("CI", "true");
    GoTestReport report =
        GoTestReport.of(Place.run(builder).succeeded().out(), ConformanceIT.SUITE);
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).hasSize(ConformanceIT.TESTS);
    System.out.printf("containerd's suite on the killed root: %d passed%n", ConformanceIT.TESTS);
  }
}
