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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Killed in the middle of many callers' calls: whatever was acknowledged is there. */
class KillIT {
  private static final int CALLERS = 16;
  private static final int ROUNDS = 4;
  private static final int FEWEST_CALLS = 100;
  private static final int MOST_CALLS = 1500;

  @RegisterExtension private final Workspace workspace = new Workspace();

  private final long seed = Long.getLong("fuselage.seed", new Random().nextInt(1_000_000));
  private final Random random = new Random(seed);
  private final Ids ids = new Ids();
  private final List<Caller> callers =
      IntStream.range(0, CALLERS).mapToObj(number -> new Caller(number, seed, ids)).toList();

  @Test
  void everyAcknowledgedCallSurvivesAKill() throws Exception {
    System.out.println("killed under load with -Dfuselage.seed=" + seed);
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    for (int round = 0; round < ROUNDS; round++) {
      killUnderLoad(fuselage);
      try (Service service = fuselage.start();
          SnapshotterClient client = service.client()) {
        assertThat(complaints(client)).as("round %d, seed %d", round, seed).isEmpty();
        assertNothingIsLostOnDisk(fuselage, client);
      }
    }
    System.out.printf("%d calls were acknowledged, %d ids seen%n", answered(), ids.count());
  }

  private int answered() {
    return callers.stream().mapToInt(Caller::answered).sum();
  }

  @Test
  void aLossIsNoticed() throws Exception {
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    killUnderLoad(fuselage);
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(complaints(client)).isEmpty();
      Map<String, Entry> found = found(client);
      List<String> childless = new ArrayList<>(found.keySet());
      found.values().forEach(entry -> childless.remove(entry.parent()));
      String key = childless.getFirst();

      client.update(Call.PATIENT, key, labels -> labels.with("updated", "by nobody"));
      assertThat(complaints(client)).singleElement().asString().contains(key);

      client.remove(Call.PATIENT, key);
      assertThat(complaints(client)).singleElement().asString().contains(key);
    }
  }

  private void killUnderLoad(Installation fuselage) throws Exception {
    AtomicBoolean killed = new AtomicBoolean();
    try (Service service = fuselage.start();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
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
      // Counted, not timed: a slow machine is killed in the middle of its work too.
      int moment = answered() + FEWEST_CALLS + random.nextInt(MOST_CALLS);
      while (answered() < moment && work.stream().noneMatch(Future::isDone)) {
        Thread.sleep(1);
      }
      killed.set(true);
      service.kill();
      for (Future<?> caller : work) {
        caller.get();
      }
    }
  }

  private List<String> complaints(SnapshotterClient client) {
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

  /** What was half made is found by the reconciliation, and deleted behind the open socket. */
  private void assertNothingIsLostOnDisk(Installation fuselage, SnapshotterClient client) {
    Map<String, Entry> found = found(client);
    found.forEach(
        (key, entry) -> {
          if (entry.kind() == Kind.ACTIVE) {
            ids.see(key, client.mounts(key));
          }
        });
    Awaitility.await("a directory for each record, and none without")
        .atMost(Place.PATIENCE)
        .until(() -> count(fuselage.root().resolve("snapshots")) == found.size());
    Awaitility.await("an empty trash")
        .atMost(Place.PATIENCE)
        .until(() -> count(fuselage.root().resolve("trash")) == 0);
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    }
  }
}
