package dev.fuselage.metadata;

import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BackupEngine;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatchWithIndex;

/** The store in RocksDB. One process at a time opens a directory. */
public final class RocksStore implements MetadataStore {
  static final String LAST_RESERVED_ID = "last-reserved-id";

  /** Ids are reserved so many at a time, to spare each new snapshot a write of its own for it. */
  private static final long RESERVED_AT_ONCE = 1024;

  private final RocksColumns columns;
  private final GroupCommit<Pending<?>> commits = new GroupCommit<>(this::commit);
  private final Gate gate = new Gate();
  private final Set<RocksListing<?, ?>> listings = ConcurrentHashMap.newKeySet();
  private final Map<SnapshotId, String> quarantine = new ConcurrentHashMap<>();
  private final Map<SnapshotId, String> quarantineView = Collections.unmodifiableMap(quarantine);
  private final Object ids = new Object();
  private volatile boolean closing;
  private long lastId;
  private long lastReservedId;

  private final Consumer<Failure> listener;

  /**
   * Something that goes on until the store is closed.
   *
   * @param damaged what was read is not what was written; else it does not write any more
   */
  public record Failure(SnapshotException reason, boolean damaged) {}

  private RocksStore(RocksColumns columns, Consumer<Failure> listener) throws RocksDBException {
    this.columns = columns;
    this.listener = listener;
    lastReservedId = columns.get(Column.NUMBERS, LAST_RESERVED_ID).orElse(0L);
    lastId = lastReservedId;
    try (RocksListing<SnapshotId, String> reasons = columns.list(Column.QUARANTINE)) {
      reasons.forEachEntry(quarantine::put);
    }
  }

  /**
   * Opens the store in a directory, which is made if it is missing.
   *
   * @throws DamagedStoreException if it is not what was written
   * @throws SnapshotException UNAVAILABLE if the store is in use or the disk fails,
   *     RESOURCE_EXHAUSTED if there is no space to open it
   */
  public static RocksStore open(Path directory) {
    return open(directory, failure -> {});
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param listener is told of failures at once, on any thread; it may not wait, nor call the store
   */
  public static RocksStore open(Path directory, Consumer<Failure> listener) {
    RocksColumns columns;
    try {
      columns = new RocksColumns(directory, error -> listener.accept(failure(error)));
    } catch (RocksDBException e) {
      throw openFailure(e);
    }
    try {
      return new RocksStore(columns, listener);
    } catch (RocksDBException e) {
      columns.close();
      throw openFailure(e);
    } catch (RuntimeException e) {
      columns.close();
      throw e;
    }
  }

  private static RuntimeException openFailure(RocksDBException e) {
    return RocksColumns.isDamage(e)
        ? new DamagedStoreException(String.valueOf(e.getMessage()))
        : RocksColumns.failure(e);
  }

  private static Failure failure(RocksDBException e) {
    return new Failure(RocksColumns.failure(e), RocksColumns.isDamage(e));
  }

  /** Tells the listener of damage that was met in reading. */
  private SnapshotException readFailure(RocksDBException e) {
    Failure failure = failure(e);
    if (failure.damaged()) {
      listener.accept(failure);
    }
    return failure.reason();
  }

  /** What the syncs of the log took, and how many mutations shared each. */
  public SyncMeter syncs() {
    return commits.meter();
  }

  @Override
  public Optional<Snapshot> find(String key) {
    gate.enter();
    try {
      return columns.get(Column.SNAPSHOTS, key);
    } catch (RocksDBException e) {
      throw readFailure(e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public Listing<Snapshot> list() {
    gate.enter();
    RocksListing<String, Snapshot> listing =
        columns
            .list(Column.SNAPSHOTS)
            .onFailure(this::readFailure)
            .onClose(
                closed -> {
                  listings.remove(closed);
                  gate.leave();
                });
    listings.add(listing);
    if (closing) {
      listing.close();
    }
    return listing;
  }

  @Override
  public <T> T update(Mutation<T> mutation) {
    return write(mutation::apply);
  }

  private <T> T write(Function<RocksTransaction, T> mutation) {
    gate.enter();
    try {
      Pending<T> pending = new Pending<>(mutation);
      commits.run(pending);
      return pending.result();
    } finally {
      gate.leave();
    }
  }

  /** Runs the mutations one after the other into one batch, and writes that. */
  private void commit(List<Pending<?>> group) {
    try (WriteBatchWithIndex batch = new WriteBatchWithIndex(true)) {
      for (Pending<?> pending : group) {
        batch.setSavePoint();
        if (pending.apply(new RocksTransaction(columns, batch, quarantine))) {
          batch.popSavePoint();
        } else {
          batch.rollbackToSavePoint();
        }
      }
      if (batch.count() > 0) {
        columns.write(batch);
      }
      group.forEach(Pending::written);
    } catch (RocksDBException e) {
      Failure reason = failure(e);
      listener.accept(reason);
      RuntimeException failure = new UnknownOutcomeException(reason.reason());
      group.forEach(pending -> pending.fail(failure));
    } catch (RuntimeException | Error e) {
      group.forEach(pending -> pending.fail(e));
    }
  }

  @Override
  public SnapshotId newId() {
    synchronized (ids) {
      if (lastId == lastReservedId) {
        reserveIds(lastReservedId + RESERVED_AT_ONCE);
      }
      lastId++;
      return new SnapshotId(lastId);
    }
  }

  @Override
  public void skipIds(SnapshotId last) {
    synchronized (ids) {
      if (last.value() > lastReservedId) {
        reserveIds(last.value());
      }
      lastId = Math.max(lastId, last.value());
    }
  }

  private void reserveIds(long last) {
    try {
      write(
          transaction -> {
            transaction.reserveIds(last);
            return last;
          });
    } catch (UnknownOutcomeException e) {
      // Whatever a restart finds, none of them was given out.
      throw e.failure();
    }
    lastReservedId = last;
  }

  @Override
  public Map<SnapshotId, String> quarantine() {
    return quarantineView;
  }

  @Override
  public OptionalLong number(String name) {
    gate.enter();
    try {
      return columns
          .get(Column.NUMBERS, RocksTransaction.KEPT + name)
          .map(OptionalLong::of)
          .orElseGet(OptionalLong::empty);
    } catch (RocksDBException e) {
      throw RocksColumns.failure(e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public List<String> check() {
    gate.enter();
    try {
      columns.verifyChecksums();
      return List.of();
    } catch (RocksDBException e) {
      return List.of("the store is damaged: " + e.getMessage());
    } finally {
      gate.leave();
    }
  }

  /** Adds a backup to those of an engine. */
  void backUp(BackupEngine engine, String reason) throws RocksDBException {
    gate.enter();
    try {
      columns.backUp(engine, reason);
    } finally {
      gate.leave();
    }
  }

  /** Writes the tables anew, without what was deleted. */
  void compact() {
    gate.enter();
    try {
      columns.compact();
    } catch (RocksDBException e) {
      throw RocksColumns.failure(e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public void close() {
    closing = true;
    // Listings first: they hold the gate open for as long as their reader pleases.
    List.copyOf(listings).forEach(RocksListing::close);
    if (gate.close()) {
      columns.close();
    }
  }

  /** A mutation on its way, and what became of it. */
  private static final class Pending<T> {
    private final Function<RocksTransaction, T> mutation;
    private @Nullable T value;
    private @Nullable RocksTransaction transaction;
    private @Nullable Throwable failure;

    Pending(Function<RocksTransaction, T> mutation) {
      this.mutation = mutation;
    }

    boolean apply(RocksTransaction onto) {
      try {
        value = mutation.apply(onto);
        transaction = onto;
        return true;
      } catch (RuntimeException | Error e) {
        failure = e;
        return false;
      }
    }

    void written() {
      if (transaction != null) {
        transaction.written();
      }
    }

    void fail(Throwable reason) {
      if (failure == null) {
        failure = reason;
      }
    }

    @SuppressWarnings("NullAway") // a mutation that returns null was declared to
    T result() {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
      return value;
    }
  }
}
