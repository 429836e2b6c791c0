package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.TreeDigest;
import dev.fuselage.snapshot.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksStoreTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.123456789Z");

  @TempDir Path directory;
  private RocksStore store;

  @BeforeEach
  void open() {
    store = RocksStore.open(directory);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
  }

  private Snapshot.Active active(String key) {
    return new Snapshot.Active(store.newId(), key, Ancestry.NONE, Labels.NONE, THEN, THEN);
  }

  private Snapshot.Committed layer(String name, Ancestry below) {
    return new Snapshot.Committed(
        store.newId(),
        name,
        below,
        Labels.of(Map.of("containerd.io/snapshot.ref", name)),
        THEN,
        THEN.plusNanos(1),
        new Usage(4096, 1));
  }

  private void put(Snapshot... snapshots) {
    store.update(
        transaction -> {
          List.of(snapshots).forEach(transaction::put);
          return true;
        });
  }

  @Test
  void findsEveryKindAsItWasPutAfterAnotherStart() {
    Snapshot.Committed below = layer("below", Ancestry.NONE);
    Snapshot.Committed above =
        layer("above", below.ofChild()).with(new TreeDigest(-7, OptionalLong.of(8)));
    Snapshot.Active active =
        new Snapshot.Active(
            store.newId(), "k8s.io/1/ünïcode \u0000 key", above.ofChild(), Labels.NONE, THEN, THEN);
    Snapshot.View view =
        new Snapshot.View(store.newId(), "view", below.ofChild(), Labels.NONE, THEN, THEN);
    put(below, above, active, view);

    reopen();

    for (Snapshot snapshot : List.of(below, above, active, view)) {
      assertThat(store.find(snapshot.key())).contains(snapshot);
    }
    assertThat(store.find("missing")).isEmpty();
  }

  @Test
  void undoesAMutationThatThrowsAndNoOther() {
    Snapshot.Active kept = active("kept");
    put(kept);

    assertThatThrownBy(
            () ->
                store.update(
                    transaction -> {
                      transaction.delete(kept);
                      transaction.put(active("lost"));
                      throw SnapshotException.alreadyExists("lost");
                    }))
        .isInstanceOf(SnapshotException.class);

    assertThat(store.find("kept")).contains(kept);
    assertThat(store.find("lost")).isEmpty();
  }

  @Test
  void seesWithinATransactionWhatTheTransactionDid() {
    Snapshot.Committed parent = layer("parent", Ancestry.NONE);
    Snapshot.Active child =
        new Snapshot.Active(store.newId(), "child", parent.ofChild(), Labels.NONE, THEN, THEN);

    List<Boolean> seen =
        store.update(
            transaction -> {
              List<Boolean> answers = new ArrayList<>();
              transaction.put(parent);
              answers.add(transaction.hasChildren(parent));
              transaction.put(child);
              answers.add(transaction.hasChildren(parent));
              transaction.delete(child);
              answers.add(transaction.hasChildren(parent));
              answers.add(transaction.find("child").isPresent());
              return answers;
            });

    assertThat(seen).containsExactly(false, true, false, false);
  }

  @Test
  void tellsTheChildrenOfOneParentFromThoseOfAnother() {
    Snapshot.Committed first = layer("first", Ancestry.NONE);
    Snapshot.Committed second = layer("second", Ancestry.NONE);
    put(first, second, layer("above second", second.ofChild()));

    assertThat(store.<Boolean>update(transaction -> transaction.hasChildren(first))).isFalse();
    assertThat(store.<Boolean>update(transaction -> transaction.hasChildren(second))).isTrue();
  }

  @Test
  void givesNoIdOutTwiceAcrossStarts() {
    Set<SnapshotId> ids = new HashSet<>();
    for (int start = 0; start < 3; start++) {
      for (int i = 0; i < 1500; i++) {
        assertThat(ids.add(store.newId())).isTrue();
      }
      reopen();
    }
  }

  @Test
  void passesOverIdsThatAreToBeSkipped() {
    store.skipIds(new SnapshotId(1_000_000));

    assertThat(store.newId().value()).isGreaterThan(1_000_000);
    reopen();
    assertThat(store.newId().value()).isGreaterThan(1_000_000);
  }

  @Test
  void listsWhatWasThereAtTheCallInTheOrderOfKeys() {
    put(active("b"), active("a"), active("c"));

    try (Listing<Snapshot> listing = store.list()) {
      put(active("a0"));
      List<String> keys = new ArrayList<>();
      listing.forEachRemaining(snapshot -> keys.add(snapshot.key()));

      assertThat(keys).containsExactly("a", "b", "c");
    }
  }

  @Test
  void closesUnderAReaderThatNeverCloses() {
    put(active("a"), active("b"));
    Listing<Snapshot> listing = store.list();
    listing.next();

    store.close();

    assertThatThrownBy(listing::next)
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.UNAVAILABLE));
    listing.close();
  }

  @Test
  void answersUnavailableOnceClosedAndMayBeClosedTwice() {
    store.close();
    store.close();

    List<Callable<?>> calls =
        List.of(() -> store.find("a"), store::list, () -> store.update(transaction -> true));
    for (Callable<?> call : calls) {
      assertThatThrownBy(call::call)
          .isInstanceOfSatisfying(
              SnapshotException.class,
              e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.UNAVAILABLE));
    }
  }

  @Test
  void remembersQuarantineUntilRelease() {
    Snapshot.Committed released = layer("released", Ancestry.NONE);
    Snapshot.Committed kept = layer("kept", Ancestry.NONE);
    put(released, kept);
    for (Snapshot snapshot : List.of(released, kept)) {
      store.update(
          transaction -> {
            transaction.quarantine(snapshot.id(), "its directory is gone");
            return true;
          });
    }
    store.update(
        transaction -> {
          transaction.release(released.id());
          return true;
        });

    assertThat(store.quarantine()).containsOnly(Map.entry(kept.id(), "its directory is gone"));
    reopen();
    assertThat(store.quarantine()).containsOnly(Map.entry(kept.id(), "its directory is gone"));
  }

  @Test
  void refusesADirectoryThatIsOpenElsewhere() {
    assertThatThrownBy(() -> RocksStore.open(directory)).isInstanceOf(SnapshotException.class);
  }

  @Test
  void reportsADamagedStoreInsteadOfStartingOver() throws Exception {
    put(active("a"));
    store.close();
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("MANIFEST")) {
          Files.write(file, new byte[] {1, 2, 3});
        }
      }
    }

    assertThatThrownBy(() -> RocksStore.open(directory)).isInstanceOf(DamagedStoreException.class);
  }

  @Test
  void agreesWithAModelUnderManyWritersAndAfterEachRestart() throws Exception {
    long seed = Long.getLong("fuselage.seed", new Random().nextLong());
    Map<String, Snapshot> expected = new ConcurrentHashMap<>();
    for (int round = 0; round < 4; round++) {
      writeAtOnce(seed + round, expected);
      Map<String, Snapshot> found = new TreeMap<>();
      try (Listing<Snapshot> listing = store.list()) {
        listing.forEachRemaining(snapshot -> found.put(snapshot.key(), snapshot));
      }
      assertThat(found).as("seed %d", seed).isEqualTo(new TreeMap<>(expected));
      reopen();
    }
  }

  /** Each writer has keys of its own, so that a map can say what must be there in the end. */
  private void writeAtOnce(long seed, Map<String, Snapshot> expected) throws Exception {
    int writers = 8;
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> done = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        Random random = new Random(seed * 31 + writer);
        String prefix = writer + "/";
        done.add(
            pool.submit(
                () -> {
                  start.await();
                  for (int i = 0; i < 100; i++) {
                    step(random, prefix + random.nextInt(20), expected);
                  }
                  return true;
                }));
      }
      start.countDown();
      for (Future<?> each : done) {
        each.get();
      }
    }
  }

  private void step(Random random, String key, Map<String, Snapshot> expected) {
    Optional<Snapshot> before = Optional.ofNullable(expected.get(key));
    switch (random.nextInt(3)) {
      case 0 -> {
        Snapshot fresh = before.orElseGet(() -> active(key)).relabelled(Labels.NONE, THEN);
        put(fresh);
        expected.put(key, fresh);
      }
      case 1 ->
          before.ifPresent(
              snapshot -> {
                store.update(
                    transaction -> {
                      transaction.delete(snapshot);
                      return true;
                    });
                expected.remove(key);
              });
      default -> {
        Snapshot undone = active(key);
        assertThatThrownBy(
                () ->
                    store.update(
                        transaction -> {
                          transaction.put(undone);
                          throw SnapshotException.alreadyExists(key);
                        }))
            .isInstanceOf(SnapshotException.class);
      }
    }
    assertThat(store.find(key)).isEqualTo(Optional.ofNullable(expected.get(key)));
  }
}
