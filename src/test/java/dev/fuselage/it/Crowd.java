package dev.fuselage.it;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Caller.Entry;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Callers that work on one root at the same time, and judge together what they find of it. */
final class Crowd {
  private static final int CALLERS = 16;

  private final Ids ids = new Ids();
  private final List<Caller> callers;

  /** What ends their work. */
  @FunctionalInterface
  interface Disaster {
    void strike() throws Exception;
  }

  Crowd(long seed, Caller.Unpacker unpacker) {
    callers =
        IntStream.range(0, CALLERS)
            .mapToObj(number -> new Caller(number, seed, ids, unpacker))
            .toList();
  }

  /**
   * Works until a disaster, that strikes after so many answers more; counted, since a slow machine
   * must be hit at work too.
   */
  void workUntil(Service service, int calls, Disaster disaster) throws Exception {
    int moment = answered() + calls;
    workUntil(service, () -> answered() >= moment, disaster);
  }

  /** Works until a disaster, that strikes when its moment has come. */
  void workUntil(Service service, BooleanSupplier moment, Disaster disaster) throws Exception {
    AtomicBoolean struck = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> work = new ArrayList<>();
      for (Caller caller : callers) {
        work.add(
            threads.submit(
                () -> {
                  try (SnapshotterClient client = service.client()) {
                    caller.work(client, struck::get);
                  }
                }));
      }
      try {
        while (!moment.getAsBoolean() && work.stream().noneMatch(Future::isDone)) {
          Thread.sleep(1);
        }
        struck.set(true);
        disaster.strike();
        for (Future<?> caller : work) {
          caller.get();
        }
      } finally {
        // Else a failure would wait for callers that nothing ends.
        threads.shutdownNow();
      }
    }
  }

  String figures() {
    return "%d calls acknowledged, %d ids seen".formatted(answered(), ids.count());
  }

  int answered() {
    return callers.stream().mapToInt(Caller::answered).sum();
  }

  /** What is not as it was acknowledged, in words. */
  List<String> complaints(SnapshotterClient client) {
    Map<String, Entry> found = found(client);
    return callers.stream().flatMap(caller -> caller.check(found).stream()).toList();
  }

  static Map<String, Entry> found(SnapshotterClient client) {
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
  Optional<String> differences(Path root, SnapshotterClient client, Duration patience)
      throws Exception {
    Map<String, Entry> found = found(client);
    for (var snapshot : found.entrySet()) {
      if (snapshot.getValue().kind() == Kind.ACTIVE) {
        try {
          ids.see(snapshot.getKey(), client.mounts(snapshot.getKey()));
        } catch (SnapshotException e) {
          return Optional.of(snapshot.getKey() + ": " + e.getMessage());
        }
      }
    }
    Path snapshots = root.resolve("snapshots");
    Path trash = root.resolve("trash");
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

  static List<Path> directories(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
