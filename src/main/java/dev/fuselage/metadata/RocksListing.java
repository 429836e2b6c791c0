package dev.fuselage.metadata;

import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * The values of a column at one moment. RocksDB's iterators see the database as it was when they
 * were made. Synchronized, since the store closes it under its reader.
 */
final class RocksListing<K, V> implements Listing<V> {
  private final Column<K, V> column;
  private final ReadOptions options = new ReadOptions().setFillCache(false);
  private final RocksIterator iterator;
  // Kept, since each question crosses over to native code.
  private boolean valid;
  private boolean closed;
  private Consumer<RocksListing<K, V>> onClose = listing -> {};
  private Function<RocksDBException, SnapshotException> onFailure = RocksColumns::failure;

  RocksListing(RocksDB database, ColumnFamilyHandle handle, Column<K, V> column) {
    this.column = column;
    iterator = database.newIterator(handle, options);
    iterator.seekToFirst();
    valid = iterator.isValid();
  }

  /** What is to be done once, when it is closed. */
  RocksListing<K, V> onClose(Consumer<RocksListing<K, V>> action) {
    onClose = action;
    return this;
  }

  /** What its reader is told of a failure. */
  RocksListing<K, V> onFailure(Function<RocksDBException, SnapshotException> translation) {
    onFailure = translation;
    return this;
  }

  @Override
  public synchronized boolean hasNext() {
    checkOpen();
    if (valid) {
      return true;
    }
    try {
      iterator.status();
    } catch (RocksDBException e) {
      throw onFailure.apply(e);
    }
    return false;
  }

  @Override
  public synchronized V next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    K key = column.decodeKey().apply(iterator.key());
    V value = column.decodeValue().apply(key, iterator.value());
    advance();
    return value;
  }

  private void advance() {
    iterator.next();
    valid = iterator.isValid();
  }

  /** Reads all that is left. */
  synchronized void forEachEntry(BiConsumer<K, V> action) {
    while (hasNext()) {
      K key = column.decodeKey().apply(iterator.key());
      action.accept(key, column.decodeValue().apply(key, iterator.value()));
      advance();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "the listing was closed while it was read");
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      iterator.close();
      options.close();
      onClose.accept(this);
    }
  }
}
