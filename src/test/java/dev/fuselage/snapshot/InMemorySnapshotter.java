package dev.fuselage.snapshot;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A snapshotter without disk or store, for tests of what stands upon one. It is held to {@link
 * SnapshotterContract} like the real one.
 */
public final class InMemorySnapshotter implements Snapshotter {
  private static final Limits LIMITS = new Limits(4096, 1 << 20, 256);

  private final Map<String, Snapshot> snapshots =
      new TreeMap<>(
          Comparator.comparing(
              key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
  private Instant last = Instant.EPOCH;
  private long lastId;

  @Override
  public synchronized Info stat(String key) {
    return find(key).info();
  }

  private Snapshot find(String key) {
    return Optional.ofNullable(snapshots.get(key))
        .orElseThrow(() -> SnapshotException.notFound(key));
  }

  @Override
  public synchronized Info update(Call call, String key, LabelChange change) {
    call.check();
    Snapshot before = find(key);
    Labels labels = change.apply(before.labels());
    LIMITS.checkLabels(labels);
    Snapshot after = before.relabelled(labels, now());
    snapshots.put(key, after);
    return after.info();
  }

  @Override
  public synchronized Usage usage(Call call, String key) {
    return switch (find(key)) {
      case Snapshot.View view -> Usage.NONE;
      case Snapshot.Active active -> new Usage(4096, 1);
      case Snapshot.Committed committed -> committed.usage();
    };
  }

  @Override
  public synchronized List<Mount> mounts(String key) {
    Snapshot snapshot = find(key);
    if (snapshot instanceof Snapshot.Committed) {
      throw SnapshotException.failedPrecondition("snapshot %s is committed", key);
    }
    return List.of(new Mount("bind", "/snapshots/" + snapshot.id(), List.of("rbind")));
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    return begin(
        call,
        key,
        parent,
        labels,
        (below, now) -> new Snapshot.Active(nextId(), key, below, labels, now, now));
  }

  @Override
  public List<Mount> view(Call call, String key, String parent, Labels labels) {
    return begin(
        call,
        key,
        parent,
        labels,
        (below, now) -> new Snapshot.View(nextId(), key, below, labels, now, now));
  }

  /** Time that never stands still, so that tests can tell before from after. */
  private Instant now() {
    Instant now = Instant.now();
    last = now.isAfter(last) ? now : last.plusNanos(1);
    return last;
  }

  private SnapshotId nextId() {
    return new SnapshotId(++lastId);
  }

  private synchronized List<Mount> begin(
      Call call,
      String key,
      String parent,
      Labels labels,
      BiFunction<Ancestry, Instant, Snapshot> birth) {
    LIMITS.checkKey(key);
    LIMITS.checkLabels(labels);
    Ancestry below = Ancestry.NONE;
    if (!parent.isEmpty()) {
      if (!(find(parent) instanceof Snapshot.Committed layer)) {
        throw SnapshotException.invalidArgument("parent %s is not committed", parent);
      }
      below = layer.ofChild();
    }
    LIMITS.checkDepth(below);
    checkFree(key);
    call.check();
    snapshots.put(key, birth.apply(below, now()));
    return mounts(key);
  }

  private void checkFree(String key) {
    if (snapshots.containsKey(key)) {
      throw SnapshotException.alreadyExists(key);
    }
  }

  @Override
  public synchronized void commit(
      Call call, String name, String key, Optional<String> parent, Labels labels) {
    LIMITS.checkKey(name);
    LIMITS.checkLabels(labels);
    if (!(find(key) instanceof Snapshot.Active active)) {
      throw SnapshotException.failedPrecondition("snapshot %s is not active", key);
    }
    Ancestry below = active.ancestry();
    if (parent.isPresent() && !parent.get().equals(below.parent())) {
      if (!below.isEmpty()) {
        throw SnapshotException.invalidArgument("snapshot %s has another parent", key);
      }
      if (!(find(parent.get()) instanceof Snapshot.Committed layer)) {
        throw SnapshotException.failedPrecondition("parent %s is not committed", parent.get());
      }
      below = layer.ofChild();
    }
    checkFree(name);
    call.check();
    snapshots.remove(key);
    snapshots.put(name, active.commit(name, below, labels, new Usage(4096, 1), now()));
  }

  @Override
  public synchronized void remove(Call call, String key) {
    call.check();
    find(key);
    if (snapshots.values().stream().anyMatch(child -> child.ancestry().parent().equals(key))) {
      throw SnapshotException.failedPrecondition("snapshot %s has children", key);
    }
    snapshots.remove(key);
  }

  @Override
  public synchronized Listing<Info> list(List<String> filters) {
    Filter filter = Filter.parse(filters);
    return new ReadyListing<>(
        snapshots.values().stream().map(Snapshot::info).filter(filter::matches).toList());
  }

  @Override
  public void cleanup(Call call) {
    call.check();
  }
}
