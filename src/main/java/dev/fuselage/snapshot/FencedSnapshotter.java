package dev.fuselage.snapshot;

import java.util.List;
import java.util.Optional;

/**
 * A snapshotter as its clients see it: without the {@linkplain Reserve reserve}, whose snapshots
 * they neither find nor list nor make.
 */
public final class FencedSnapshotter implements Snapshotter {
  private final Snapshotter whole;

  public FencedSnapshotter(Snapshotter whole) {
    this.whole = whole;
  }

  private static String findable(String key) {
    if (Reserve.holds(key)) {
      throw SnapshotException.notFound(key);
    }
    return key;
  }

  private static String makeable(String key) {
    if (Reserve.holds(key)) {
      throw SnapshotException.invalidArgument(
          "key %s begins with U+0000: such keys are the service's own", Quote.of(key));
    }
    return key;
  }

  @Override
  public Info stat(String key) {
    return whole.stat(findable(key));
  }

  @Override
  public Info update(Call call, String key, LabelChange change) {
    return whole.update(call, findable(key), change);
  }

  @Override
  public Usage usage(Call call, String key) {
    return whole.usage(call, findable(key));
  }

  @Override
  public List<Mount> mounts(String key) {
    return whole.mounts(findable(key));
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    return whole.prepare(call, makeable(key), findable(parent), labels);
  }

  @Override
  public List<Mount> view(Call call, String key, String parent, Labels labels) {
    return whole.view(call, makeable(key), findable(parent), labels);
  }

  @Override
  public void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    whole.commit(
        call, makeable(name), findable(key), parent.map(FencedSnapshotter::findable), labels);
  }

  @Override
  public void remove(Call call, String key) {
    whole.remove(call, findable(key));
  }

  @Override
  public Listing<Info> list(List<String> filters) {
    return new BehindTheReserve(whole.list(filters));
  }

  @Override
  public void cleanup(Call call) {
    whole.cleanup(call);
  }

  /** The reserve comes first in the order of keys, so that only a beginning is looked at. */
  private static final class BehindTheReserve implements Listing<Info> {
    private final Listing<Info> all;
    private Optional<Info> first = Optional.empty();
    private boolean begun;

    BehindTheReserve(Listing<Info> all) {
      this.all = all;
    }

    @Override
    public boolean hasNext() {
      begin();
      return first.isPresent() || all.hasNext();
    }

    @Override
    public Info next() {
      begin();
      if (first.isEmpty()) {
        return all.next();
      }
      Info info = first.get();
      first = Optional.empty();
      return info;
    }

    private void begin() {
      while (!begun && all.hasNext()) {
        Info info = all.next();
        if (!Reserve.holds(info.name())) {
          begun = true;
          first = Optional.of(info);
        }
      }
      begun = true;
    }

    @Override
    public void close() {
      all.close();
    }
  }
}
