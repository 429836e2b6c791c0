package dev.fuselage.cli;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.ReadyListing;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Answers what commands ask, from what a test put in; of filters it knows one on the parent. */
final class FakeSnapshotter implements Snapshotter {
  static final Instant CREATED = Instant.parse("2026-03-01T12:00:00.123456789Z");
  static final Instant UPDATED = Instant.parse("2026-03-02T00:00:00Z");

  private final NavigableMap<String, Info> infos = new TreeMap<>();
  private final Map<String, Usage> usages = new HashMap<>();
  private final Map<String, List<Mount>> mounts = new HashMap<>();
  private final List<List<String>> filters = Collections.synchronizedList(new ArrayList<>());
  private Optional<SnapshotException> failure = Optional.empty();

  FakeSnapshotter add(Kind kind, String key, String parent, Usage usage) {
    return add(kind, key, parent, usage, Map.of());
  }

  FakeSnapshotter add(
      Kind kind, String key, String parent, Usage usage, Map<String, String> labels) {
    infos.put(key, new Info(key, parent, kind, Labels.of(labels), CREATED, UPDATED));
    usages.put(key, usage);
    return this;
  }

  FakeSnapshotter mount(String key, Mount mount) {
    mounts.put(key, List.of(mount));
    return this;
  }

  /** Listed, and removed before it is asked for. */
  FakeSnapshotter addVanishing(Kind kind, String key, String parent) {
    infos.put(key, new Info(key, parent, kind, Labels.NONE, CREATED, UPDATED));
    return this;
  }

  /** Every call but stat ends so. */
  FakeSnapshotter failing(SnapshotException exception) {
    failure = Optional.of(exception);
    return this;
  }

  /** The filters of each list so far. */
  List<List<String>> filters() {
    return filters;
  }

  @Override
  public Info stat(String key) {
    return Optional.ofNullable(infos.get(key)).orElseThrow(() -> SnapshotException.notFound(key));
  }

  @Override
  public Usage usage(Call call, String key) {
    failIfTold();
    return Optional.ofNullable(usages.get(key)).orElseThrow(() -> SnapshotException.notFound(key));
  }

  @Override
  public List<Mount> mounts(String key) {
    return Optional.ofNullable(mounts.get(key))
        .orElseThrow(() -> SnapshotException.failedPrecondition("a layer below is quarantined"));
  }

  @Override
  public Listing<Info> list(List<String> wanted) {
    failIfTold();
    filters.add(wanted);
    return new ReadyListing<>(
        infos.values().stream()
            .filter(
                info ->
                    wanted.stream().noneMatch(filter -> filter.startsWith("parent=="))
                        || wanted.contains("parent==" + Escapes.quoted(info.parent())))
            .toList());
  }

  private void failIfTold() {
    failure.ifPresent(
        exception -> {
          throw exception;
        });
  }

  @Override
  public Info update(Call call, String key, LabelChange change) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Mount> view(Call call, String key, String parent, Labels labels) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void remove(Call call, String key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void cleanup(Call call) {
    throw new UnsupportedOperationException();
  }
}
