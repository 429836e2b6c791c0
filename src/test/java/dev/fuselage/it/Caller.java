package dev.fuselage.it;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A client that remembers what it was told: each call that was answered, and the one that was not.
 */
final class Caller {
  private static final int MANY = 12;
  private static final Entry NOTHING = new Entry(Kind.ACTIVE, "", Labels.NONE);

  private final String prefix;
  private final Random random;
  private final Ids ids;
  private final Unpacker unpacker;
  private int made;
  private final AtomicInteger answered = new AtomicInteger();
  private Map<String, Entry> acknowledged = new TreeMap<>();
  private Optional<Step> inFlight = Optional.empty();

  /** What a snapshot must be. */
  record Entry(Kind kind, String parent, Labels labels) {
    static Entry of(Info info) {
      return new Entry(info.kind(), info.parent(), info.labels());
    }
  }

  /** A call, and all snapshots of the caller as they are if it is done. */
  private record Step(
      String key, Map<String, Entry> after, Function<Snapshotter, List<Mount>> call) {}

  /** Fills a layer. */
  @FunctionalInterface
  interface Unpacker {
    /** Leaves layers empty. */
    Unpacker NONE = (name, mounts) -> {};

    /**
     * Writes the files of a layer that is about to be committed.
     *
     * @throws UncheckedIOException if it can't
     */
    void unpack(String name, List<Mount> mounts);
  }

  Caller(int number, long seed, Ids ids, Unpacker unpacker) {
    this.prefix = "caller %d/".formatted(number);
    this.random = new Random(seed + number);
    this.ids = ids;
    this.unpacker = unpacker;
  }

  /** Calls, until a call is not answered because the service was killed. */
  void work(Snapshotter snapshotter, BooleanSupplier killed) {
    while (true) {
      Step step = next();
      inFlight = Optional.of(step);
      try {
        ids.see(step.key(), step.call().apply(snapshotter));
      } catch (SnapshotException e) {
        if (killed.getAsBoolean() && e.code() == SnapshotException.Code.UNAVAILABLE) {
          return;
        }
        throw new AssertionError("%s should not have been answered %s".formatted(step.key(), e), e);
      } catch (UncheckedIOException e) {
        if (killed.getAsBoolean()) {
          return;
        }
        throw e;
      }
      acknowledged = step.after();
      inFlight = Optional.empty();
      answered.incrementAndGet();
    }
  }

  int answered() {
    return answered.get();
  }

  /**
   * What is wrong with the snapshots that a restarted service has; empty if nothing is. They are
   * what the caller goes on with.
   */
  Optional<String> check(Map<String, Entry> found) {
    Map<String, Entry> own = new TreeMap<>(found);
    own.keySet().removeIf(key -> !key.startsWith(prefix));
    boolean right =
        own.equals(acknowledged) || inFlight.map(Step::after).filter(own::equals).isPresent();
    Optional<String> complaint =
        right
            ? Optional.empty()
            : Optional.of(
                "found %s%nacknowledged %s%nin flight %s"
                    .formatted(own, acknowledged, inFlight.map(Step::after)));
    acknowledged = own;
    inFlight = Optional.empty();
    return complaint;
  }

  private Step next() {
    List<String> actives = keys(entry -> entry.kind() == Kind.ACTIVE);
    List<String> leaves = new ArrayList<>(acknowledged.keySet());
    acknowledged.values().forEach(entry -> leaves.remove(entry.parent()));
    if (acknowledged.size() >= MANY) {
      return remove(pick(leaves));
    }
    return switch (random.nextInt(6)) {
      case 0, 1 -> create(Kind.ACTIVE);
      case 2 -> create(Kind.VIEW);
      case 3 -> actives.isEmpty() ? create(Kind.ACTIVE) : commit(pick(actives));
      case 4 -> acknowledged.isEmpty() ? create(Kind.ACTIVE) : update();
      default -> leaves.isEmpty() ? create(Kind.ACTIVE) : remove(pick(leaves));
    };
  }

  private List<String> keys(Predicate<Entry> predicate) {
    return acknowledged.keySet().stream()
        .filter(key -> predicate.test(acknowledged.getOrDefault(key, NOTHING)))
        .toList();
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private String newKey() {
    return prefix + ++made;
  }

  private Labels someLabels() {
    return Labels.of(Map.of("number", Integer.toString(random.nextInt(1000))));
  }

  private Map<String, Entry> with(String key, Entry entry) {
    Map<String, Entry> after = new TreeMap<>(acknowledged);
    after.put(key, entry);
    return after;
  }

  private Step create(Kind kind) {
    List<String> parents = new ArrayList<>(keys(entry -> entry.kind() == Kind.COMMITTED));
    parents.add("");
    String parent = pick(parents);
    String key = newKey();
    Labels labels = someLabels();
    return new Step(
        key,
        with(key, new Entry(kind, parent, labels)),
        snapshotter ->
            kind == Kind.ACTIVE
                ? snapshotter.prepare(Call.PATIENT, key, parent, labels)
                : snapshotter.view(Call.PATIENT, key, parent, labels));
  }

  private Step commit(String key) {
    String name = newKey();
    Labels labels = someLabels();
    Entry before = acknowledged.getOrDefault(key, NOTHING);
    Map<String, Entry> after = with(name, new Entry(Kind.COMMITTED, before.parent(), labels));
    after.remove(key);
    return new Step(
        name,
        after,
        snapshotter -> {
          if (unpacker != Unpacker.NONE) {
            unpacker.unpack(name, snapshotter.mounts(key));
          }
          snapshotter.commit(Call.PATIENT, name, key, Optional.empty(), labels);
          return List.of();
        });
  }

  private Step update() {
    String key = pick(List.copyOf(acknowledged.keySet()));
    Entry before = acknowledged.getOrDefault(key, NOTHING);
    String value = Integer.toString(random.nextInt(1000));
    Labels labels = before.labels().with("updated", value);
    return new Step(
        key,
        with(key, new Entry(before.kind(), before.parent(), labels)),
        snapshotter -> {
          snapshotter.update(Call.PATIENT, key, old -> old.with("updated", value));
          return List.of();
        });
  }

  private Step remove(String key) {
    Map<String, Entry> after = new TreeMap<>(acknowledged);
    after.remove(key);
    return new Step(
        key,
        after,
        snapshotter -> {
          snapshotter.remove(Call.PATIENT, key);
          return List.of();
        });
  }
}
