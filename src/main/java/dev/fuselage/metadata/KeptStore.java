package dev.fuselage.metadata;

import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BackupEngine;
import org.rocksdb.RocksDBException;

/**
 * A store that outlives its failures. When it can't write any more it goes on reading, refuses what
 * would write, and is closed and opened again as soon as the disk takes writes. When it is damaged
 * it refuses everything, with the reason, until {@link #repair} has put another in its place.
 */
public final class KeptStore implements MetadataStore {
  private static final Logger LOG = Logger.getLogger(KeptStore.class);

  private static final Duration LAST_WAIT = Duration.ofSeconds(30);

  private final StoreDirectory directory;
  private final Settings settings;
  private final AtomicReference<State> state =
      new AtomicReference<>(new State(0, null, new StoreHealth.Failing(closedReason())));

  /** Held while the store is opened or closed; who wants to read meanwhile waits for it. */
  private final Object lifecycle = new Object();

  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * How to keep it.
   *
   * @param used whether there must be a store already, so that a missing one is damage; asked each
   *     time that one is missing
   * @param onOpen what is to be done with a store just opened, before anybody sees it
   * @param onChange told of every change, on any thread
   * @param firstWait until the first try to open it again; doubled each time, up to 30 s
   */
  public record Settings(
      BooleanSupplier used,
      Consumer<RocksStore> onOpen,
      Consumer<StoreHealth> onChange,
      Duration firstWait) {}

  /** Makes another store in the place of one that is damaged. */
  @FunctionalInterface
  public interface Repair<T> {
    T run() throws IOException;
  }

  private record State(int generation, @Nullable RocksStore store, StoreHealth health) {
    State with(StoreHealth next) {
      return new State(generation, store, next);
    }
  }

  private KeptStore(Path directory, Settings settings) {
    this.directory = new StoreDirectory(directory);
    this.settings = settings;
  }

  /** Opens a store; how that went, its {@link #health()} says. */
  public static KeptStore open(Path directory, Settings settings) {
    KeptStore store = new KeptStore(directory, settings);
    if (!store.openAgain(settings.used())) {
      store.inBackground(store::openWhenItWorks);
    }
    return store;
  }

  public StoreHealth health() {
    return state.get().health();
  }

  /**
   * Replaces a damaged store, and opens the new one. If that fails, who is refused is told why,
   * too.
   *
   * @param repair is run while all callers are refused
   * @throws SnapshotException FAILED_PRECONDITION if the store is not damaged, UNAVAILABLE if the
   *     new one can't be opened
   */
  public <T> T repair(Repair<T> repair) throws IOException {
    T result;
    synchronized (lifecycle) {
      if (!(health() instanceof StoreHealth.Damaged)) {
        throw SnapshotException.failedPrecondition(
            "the metadata store is not damaged: to replace it in spite of that, stop the service");
      }
      result = attempt(repair);
      if (!openAgain(() -> true)) {
        inBackground(this::openWhenItWorks);
      }
    }
    return result;
  }

  private <T> T attempt(Repair<T> repair) throws IOException {
    try {
      return repair.run();
    } catch (SnapshotException e) {
      if (e.code() != SnapshotException.Code.CANCELLED) {
        notRepaired(e);
      }
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      notRepaired(e);
      throw e;
    }
  }

  private void notRepaired(Throwable why) {
    State now = state.get();
    if (now.health() instanceof StoreHealth.Damaged(SnapshotException reason)) {
      // The damage itself is the cause since a repair failed for the first time.
      SnapshotException damage =
          reason.getCause() instanceof SnapshotException before ? before : reason;
      // Of these the message is a path alone.
      String what = why instanceof FileSystemException ? why.toString() : why.getMessage();
      state.set(
          now.with(
              new StoreHealth.Damaged(
                  new SnapshotException(
                      SnapshotException.Code.UNAVAILABLE,
                      "%s; the last try to make it again failed: %s"
                          .formatted(damage.getMessage(), what),
                      damage))));
      changed();
    }
  }

  /** Returns false if it is worth another try later. */
  private boolean openAgain(BooleanSupplier used) {
    synchronized (lifecycle) {
      if (closed.getCount() == 0) {
        return true;
      }
      State before = state.get();
      int generation = before.generation() + 1;
      state.set(new State(generation, null, before.health()));
      if (before.store() != null) {
        before.store().close();
      }
      try {
        if (directory.isMissing() && used.getAsBoolean()) {
          throw new DamagedStoreException("it is missing, but there are snapshots");
        }
        RocksStore store =
            RocksStore.open(directory.path(), failure -> failed(generation, failure));
        try {
          settings.onOpen().accept(store);
        } catch (RuntimeException | Error e) {
          store.close();
          throw e;
        }
        state.set(new State(generation, store, new StoreHealth.Healthy()));
        changed();
        return true;
      } catch (DamagedStoreException e) {
        state.set(new State(generation, null, damaged(String.valueOf(e.getMessage()))));
        changed();
        return true;
      } catch (SnapshotException e) {
        state.set(new State(generation, null, new StoreHealth.Failing(e)));
        changed();
        return false;
      } catch (UnknownOutcomeException e) {
        state.set(new State(generation, null, new StoreHealth.Failing(e.failure())));
        changed();
        return false;
      }
    }
  }

  private StoreHealth.Damaged damaged(String why) {
    return new StoreHealth.Damaged(
        new SnapshotException(
            SnapshotException.Code.UNAVAILABLE,
            "the metadata store in %s is damaged: %s; run `fuselage rebuild` or `fuselage restore`, or start the service with fuselage.store.on-damage=rebuild"
                .formatted(directory.path(), why)));
  }

  /** Called by the store from within any of its methods, so it may not wait for anything. */
  private void failed(int generation, RocksStore.Failure failure) {
    StoreHealth next =
        failure.damaged()
            ? damaged(String.valueOf(failure.reason().getMessage()))
            : new StoreHealth.Failing(failure.reason());
    State before =
        state.getAndUpdate(
            now ->
                now.generation() == generation && now.health() instanceof StoreHealth.Healthy
                    ? now.with(next)
                    : now);
    if (before.generation() == generation && before.health() instanceof StoreHealth.Healthy) {
      inBackground(
          () -> {
            changed();
            if (failure.damaged()) {
              closeDamaged(generation);
            } else {
              openWhenItWorks();
            }
          });
    }
  }

  private void closeDamaged(int generation) {
    synchronized (lifecycle) {
      State now = state.get();
      if (now.generation() == generation && now.store() != null) {
        state.set(new State(generation, null, now.health()));
        now.store().close();
      }
    }
  }

  private void openWhenItWorks() {
    Duration wait = settings.firstWait();
    try {
      while (!closed.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          WritingProbe.run(directory.path().resolveSibling("store.probe"));
          if (openAgain(settings.used())) {
            return;
          }
        } catch (IOException e) {
          LOG.debugf("op=store-probe the disk still takes no writes: %s", e);
        }
        wait = wait.multipliedBy(2).compareTo(LAST_WAIT) < 0 ? wait.multipliedBy(2) : LAST_WAIT;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void inBackground(Runnable work) {
    Thread.ofPlatform().daemon().name("store-recovery").start(work);
  }

  private void changed() {
    StoreHealth health = health();
    switch (health) {
      case StoreHealth.Healthy _ -> LOG.debugf("op=store-open %s", directory.path());
      case StoreHealth.Failing(SnapshotException reason) ->
          LOG.errorf("op=store-failed until it can be opened again: %s", reason.getMessage());
      case StoreHealth.Damaged(SnapshotException reason) ->
          LOG.errorf("op=store-damaged %s", reason.getMessage());
    }
    settings.onChange().accept(health);
  }

  private static SnapshotException closedReason() {
    return new SnapshotException(
        SnapshotException.Code.UNAVAILABLE, "the metadata store is not open");
  }

  private RocksStore readable() {
    State now = state.get();
    if (now.store() == null && now.health() instanceof StoreHealth.Failing) {
      // Maybe it is being opened again right now.
      synchronized (lifecycle) {
        now = state.get();
      }
    }
    if (now.store() == null) {
      throw reason(now.health());
    }
    return now.store();
  }

  private static SnapshotException reason(StoreHealth health) {
    return switch (health) {
      case StoreHealth.Healthy _ -> closedReason();
      case StoreHealth.Failing(SnapshotException reason) -> reason;
      case StoreHealth.Damaged(SnapshotException reason) -> reason;
    };
  }

  private <T> T read(Function<RocksStore, T> action) {
    while (true) {
      RocksStore store = readable();
      try {
        return action.apply(store);
      } catch (SnapshotException e) {
        if (state.get().store() == store || closed.getCount() == 0) {
          throw e;
        }
        // It was closed to be opened again.
      }
    }
  }

  private RocksStore writable() {
    State now = state.get();
    if (now.store() == null || !(now.health() instanceof StoreHealth.Healthy)) {
      throw reason(now.health());
    }
    return now.store();
  }

  /** What the syncs of the log took since the store was opened last. */
  public SyncMeter syncs() {
    RocksStore store = state.get().store();
    return store == null ? new SyncMeter() : store.syncs();
  }

  @Override
  public Optional<Snapshot> find(String key) {
    return read(store -> store.find(key));
  }

  @Override
  public Listing<Snapshot> list() {
    return read(RocksStore::list);
  }

  @Override
  public <T> T update(Mutation<T> mutation) {
    return writable().update(mutation);
  }

  @Override
  public SnapshotId newId() {
    return writable().newId();
  }

  @Override
  public void skipIds(SnapshotId last) {
    writable().skipIds(last);
  }

  @Override
  public Map<SnapshotId, String> quarantine() {
    return readable().quarantine();
  }

  /** Adds a backup to those of an engine. */
  void backUp(BackupEngine engine, String reason) throws RocksDBException {
    writable().backUp(engine, reason);
  }

  /** Has the store give back the space of what was deleted. */
  public void compact() {
    writable().compact();
  }

  @Override
  public OptionalLong number(String name) {
    return read(store -> store.number(name));
  }

  @Override
  public List<String> check() {
    return read(RocksStore::check);
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (lifecycle) {
      State before =
          state.getAndUpdate(
              now ->
                  new State(now.generation() + 1, null, new StoreHealth.Damaged(closedReason())));
      if (before.store() != null) {
        before.store().close();
      }
    }
  }
}
