package dev.fuselage.torture;

import dev.fuselage.grpc.ForwardingSnapshotter;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.ReadyListing;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A good snapshotter with a flaw that shows in the order of calls alone. */
public final class BrokenSnapshotter extends ForwardingSnapshotter implements AutoCloseable {
  private static final int ONE_IN = 4;
  private static final long PAUSE_NANOS = 500_000;

  private final Snapshotter good;
  private final Flaw flaw;
  private final AtomicInteger turns = new AtomicInteger();
  private final Map<String, Info> remembered = new ConcurrentHashMap<>();
  private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();

  /** What may be wrong with it. */
  public enum Flaw {
    /** Stat answers now and then what it answered the last time. */
    STALE_STAT,
    /** Remove answers before it is done. */
    EARLY_REMOVE,
    /** List reads one half a moment after the other. */
    TORN_LIST,
    /** Update answers now and then and does nothing. */
    LOST_UPDATE
  }

  public BrokenSnapshotter(Snapshotter good, Flaw flaw) {
    super(good);
    this.good = good;
    this.flaw = flaw;
  }

  private boolean itsTurn() {
    return turns.incrementAndGet() % ONE_IN == 0;
  }

  @Override
  public Info stat(String key) {
    if (flaw != Flaw.STALE_STAT) {
      return good.stat(key);
    }
    Info before = remembered.get(key);
    if (before != null && itsTurn()) {
      return before;
    }
    Info info = good.stat(key);
    remembered.put(key, info);
    return info;
  }

  @Override
  public void remove(Call call, String key) {
    if (flaw != Flaw.EARLY_REMOVE) {
      good.remove(call, key);
      return;
    }
    good.stat(key);
    var unused =
        later.schedule(
            () -> {
              try {
                good.remove(Call.PATIENT, key);
              } catch (SnapshotException _) {
                // Whoever called has long been told that it is done.
              }
            },
            PAUSE_NANOS,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public Listing<Info> list(List<String> filters) {
    if (flaw != Flaw.TORN_LIST) {
      return good.list(filters);
    }
    List<Info> infos = all(filters);
    int half = infos.size() / 2;
    String middle = infos.isEmpty() ? "" : infos.get(half).name();
    infos.subList(half, infos.size()).clear();
    LockSupport.parkNanos(PAUSE_NANOS);
    all(filters).stream().filter(info -> info.name().compareTo(middle) >= 0).forEach(infos::add);
    return new ReadyListing<>(infos);
  }

  private List<Info> all(List<String> filters) {
    List<Info> infos = new ArrayList<>();
    try (Listing<Info> listing = good.list(filters)) {
      listing.forEachRemaining(infos::add);
    }
    return infos;
  }

  @Override
  public Info update(Call call, String key, LabelChange change) {
    if (flaw != Flaw.LOST_UPDATE || !itsTurn()) {
      return good.update(call, key, change);
    }
    Info info = good.stat(key);
    return new Info(
        info.name(),
        info.parent(),
        info.kind(),
        change.apply(info.labels()),
        info.created(),
        info.updated());
  }

  @Override
  public void close() {
    later.shutdownNow();
  }
}
