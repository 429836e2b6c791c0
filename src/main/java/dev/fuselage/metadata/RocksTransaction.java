package dev.fuselage.metadata;

import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatchWithIndex;

/** One mutation's part of a batch that others share. */
final class RocksTransaction implements Transaction {
  /** Before the names of numbers that are not the store's own. */
  static final String KEPT = "kept.";

  private final RocksColumns columns;
  private final WriteBatchWithIndex batch;
  private final List<Runnable> afterwards = new ArrayList<>(0);
  private final Map<SnapshotId, String> quarantine;

  RocksTransaction(
      RocksColumns columns, WriteBatchWithIndex batch, Map<SnapshotId, String> quarantine) {
    this.columns = columns;
    this.batch = batch;
    this.quarantine = quarantine;
  }

  @Override
  public Optional<Snapshot> find(String key) {
    try {
      return columns.get(batch, Column.SNAPSHOTS, key);
    } catch (RocksDBException e) {
      throw RocksColumns.failure(e);
    }
  }

  @Override
  public boolean hasChildren(Snapshot.Committed layer) {
    return columns.anyWithPrefix(batch, Column.CHILDREN, Column.childrenOf(layer.id()));
  }

  @Override
  public void put(Snapshot snapshot) {
    change(
        () -> {
          columns.put(batch, Column.SNAPSHOTS, snapshot.key(), snapshot);
          if (!snapshot.ancestry().isEmpty()) {
            columns.put(batch, Column.CHILDREN, link(snapshot), snapshot.key());
          }
        });
  }

  @Override
  public void delete(Snapshot snapshot) {
    change(
        () -> {
          columns.delete(batch, Column.SNAPSHOTS, snapshot.key());
          if (!snapshot.ancestry().isEmpty()) {
            columns.delete(batch, Column.CHILDREN, link(snapshot));
          }
        });
  }

  private static Column.Link link(Snapshot snapshot) {
    return new Column.Link(snapshot.ancestry().ids().getFirst(), snapshot.id());
  }

  @Override
  public void quarantine(SnapshotId id, String reason) {
    change(() -> columns.put(batch, Column.QUARANTINE, id, reason));
    afterwards.add(() -> quarantine.put(id, reason));
  }

  @Override
  public void release(SnapshotId id) {
    change(() -> columns.delete(batch, Column.QUARANTINE, id));
    afterwards.add(() -> quarantine.remove(id));
  }

  @Override
  public void number(String name, long value) {
    change(() -> columns.put(batch, Column.NUMBERS, KEPT + name, value));
  }

  /** Reserves ids up to this one. */
  void reserveIds(long last) {
    change(() -> columns.put(batch, Column.NUMBERS, RocksStore.LAST_RESERVED_ID, last));
  }

  /** What is to follow once the batch is written. */
  void written() {
    afterwards.forEach(Runnable::run);
  }

  private static void change(Change change) {
    try {
      change.run();
    } catch (RocksDBException e) {
      throw RocksColumns.failure(e);
    }
  }

  @FunctionalInterface
  private interface Change {
    void run() throws RocksDBException;
  }
}
