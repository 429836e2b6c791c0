package dev.fuselage.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.rocksdb.BackupEngine;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatchWithIndex;
import org.rocksdb.WriteOptions;

/**
 * An open RocksDB with its column families, and every native handle that goes with it. The sizes
 * are a node agent's, not a server farm's.
 */
final class RocksColumns implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RocksColumns.class);

  private static final long WRITE_BUFFER_BYTES = 1 << 20;
  private static final long BLOCK_CACHE_BYTES = 1 << 20;
  private static final long LOG_BYTES = 8 << 20;
  private static final int OPEN_FILES = 32;
  private static final int INFO_LOG_FILES = 2;
  private static final long INFO_LOG_BYTES = 1 << 20;

  static {
    RocksDB.loadLibrary();
  }

  private final LRUCache cache = new LRUCache(BLOCK_CACHE_BYTES);
  private final ColumnFamilyOptions columnOptions;
  private final DBOptions databaseOptions;
  private final WriteOptions durable = new WriteOptions().setSync(true);
  private final ReadOptions plain = new ReadOptions();
  private final LogRoom room;
  private final BackgroundErrors backgroundErrors;
  private final RocksDB database;
  private final List<ColumnFamilyHandle> handles = new ArrayList<>();

  /** By identity: each call asks, and a column's hash is that of all its functions. */
  private final Map<Column<?, ?>, ColumnFamilyHandle> columns = new IdentityHashMap<>();

  /**
   * @param onBackgroundError on a thread of RocksDB's; may not wait, nor call it
   */
  RocksColumns(Path directory, Consumer<RocksDBException> onBackgroundError)
      throws RocksDBException {
    columnOptions =
        new ColumnFamilyOptions()
            .setWriteBufferSize(WRITE_BUFFER_BYTES)
            .setMaxWriteBufferNumber(2)
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
    room = new LogRoom(directory);
    backgroundErrors = new BackgroundErrors(onBackgroundError);
    databaseOptions =
        new DBOptions()
            .setListeners(List.of(room, backgroundErrors))
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setMaxBackgroundJobs(1)
            .setMaxOpenFiles(OPEN_FILES)
            .setMaxTotalWalSize(LOG_BYTES)
            .setAvoidFlushDuringShutdown(true)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(INFO_LOG_FILES)
            .setMaxLogFileSize(INFO_LOG_BYTES)
            // Where a record is bad, the default mode would drop all behind it without a word.
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, columnOptions));
    for (Column<?, ?> column : Column.ALL) {
      descriptors.add(new ColumnFamilyDescriptor(column.name().getBytes(UTF_8), columnOptions));
    }
    try {
      database = open(directory, descriptors);
    } catch (RocksDBException e) {
      closeOptions();
      throw e;
    }
    for (int i = 0; i < Column.ALL.size(); i++) {
      columns.put(Column.ALL.get(i), handles.get(i + 1));
    }
  }

  private RocksDB open(Path directory, List<ColumnFamilyDescriptor> descriptors)
      throws RocksDBException {
    try {
      return RocksDB.open(databaseOptions, directory.toString(), descriptors, handles);
    } catch (RocksDBException e) {
      if (!isDamage(e) || !hasTornLog(directory)) {
        throw e;
      }
      LOG.warn(
          "op=open dropped the last record of the log, which was never acknowledged: did the power fail?");
      databaseOptions.setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery);
      return RocksDB.open(databaseOptions, directory.toString(), descriptors, handles);
    }
  }

  private static boolean hasTornLog(Path directory) {
    try {
      return LogEnd.isTorn(directory);
    } catch (IOException e) {
      LOG.errorf("op=open cannot read the log: %s", e.getMessage());
      return false;
    }
  }

  private ColumnFamilyHandle handle(Column<?, ?> column) {
    ColumnFamilyHandle handle = columns.get(column);
    if (handle == null) {
      throw new IllegalArgumentException("no column family " + column.name());
    }
    return handle;
  }

  <K, V> Optional<V> get(Column<K, V> column, K key) throws RocksDBException {
    return Optional.ofNullable(database.get(handle(column), plain, column.encodeKey().apply(key)))
        .map(bytes -> column.decodeValue().apply(key, bytes));
  }

  /** As {@link #get}, with what a batch holds on top. */
  <K, V> Optional<V> get(WriteBatchWithIndex batch, Column<K, V> column, K key)
      throws RocksDBException {
    return Optional.ofNullable(
            batch.getFromBatchAndDB(database, handle(column), plain, column.encodeKey().apply(key)))
        .map(bytes -> column.decodeValue().apply(key, bytes));
  }

  <K, V> void put(WriteBatchWithIndex batch, Column<K, V> column, K key, V value)
      throws RocksDBException {
    byte[] encodedKey = column.encodeKey().apply(key);
    byte[] encodedValue = column.encodeValue().apply(value);
    room.expect(encodedKey.length + encodedValue.length);
    batch.put(handle(column), encodedKey, encodedValue);
  }

  <K> void delete(WriteBatchWithIndex batch, Column<K, ?> column, K key) throws RocksDBException {
    byte[] encoded = column.encodeKey().apply(key);
    room.expect(encoded.length);
    batch.delete(handle(column), encoded);
  }

  /** Whether any key of the column, with what a batch holds on top, begins so. */
  boolean anyWithPrefix(WriteBatchWithIndex batch, Column<?, ?> column, byte[] prefix) {
    ColumnFamilyHandle handle = handle(column);
    try (RocksIterator base = database.newIterator(handle, plain);
        RocksIterator iterator = batch.newIteratorWithBase(handle, base, plain)) {
      iterator.seek(prefix);
      return iterator.isValid() && startsWith(iterator.key(), prefix);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** An iterator over the column as it is now. */
  <K, V> RocksListing<K, V> list(Column<K, V> column) {
    return new RocksListing<>(database, handle(column), column);
  }

  /** Reads every block of every table and compares checksums. */
  void verifyChecksums() throws RocksDBException {
    database.verifyChecksum();
  }

  /** Writes a batch and syncs the log; one call at a time. */
  void write(WriteBatchWithIndex batch) throws RocksDBException {
    room.ensure();
    database.write(durable, batch);
  }

  /** Adds a backup to those of an engine, with all that was written before. */
  void backUp(BackupEngine engine, String reason) throws RocksDBException {
    engine.createNewBackupWithMetadata(database, reason, true);
  }

  void compact() throws RocksDBException {
    for (ColumnFamilyHandle handle : handles) {
      database.compactRange(handle);
    }
  }

  /**
   * Closes everything: column families before their database, both before the options that they
   * were made with. No iterator may be open.
   */
  @Override
  public void close() {
    handles.forEach(ColumnFamilyHandle::close);
    // Says nothing of errors: after a failed write there always is one, and all that was
    // acknowledged
    // was synced when it was.
    database.close();
    closeOptions();
  }

  private void closeOptions() {
    plain.close();
    durable.close();
    databaseOptions.close();
    room.close();
    backgroundErrors.close();
    columnOptions.close();
    cache.close();
  }

  /** Whether what is on the disk is not what was written, and no longer wait mends that. */
  static boolean isDamage(RocksDBException e) {
    Status status = e.getStatus();
    if (status == null) {
      return false;
    }
    return switch (status.getCode()) {
      case Corruption, NotFound, NotSupported, InvalidArgument -> true;
      // RocksDB has no code for a file of its own that is gone.
      case IOError -> String.valueOf(e.getMessage()).contains("No such file or directory");
      default -> false;
    };
  }

  /** What a client is told of a failure of the store. */
  static SnapshotException failure(RocksDBException e) {
    boolean noSpace = e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
    return new SnapshotException(
        noSpace ? SnapshotException.Code.RESOURCE_EXHAUSTED : SnapshotException.Code.UNAVAILABLE,
        noSpace
            ? "no space left for the metadata store: free some on its file system"
            : "the metadata store fails: " + e.getMessage(),
        e);
  }
}
