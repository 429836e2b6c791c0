package dev.fuselage.metadata;

import java.util.function.Consumer;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Hears of what fails while nobody calls, when tables are written or merged. RocksDB itself tells
 * only who writes next, and its Java has no way to have it go on: the store has to be opened again.
 */
final class BackgroundErrors extends AbstractEventListener {
  private final Consumer<RocksDBException> told;

  /**
   * @param told on a thread of RocksDB's; may not wait, nor call it
   */
  BackgroundErrors(Consumer<RocksDBException> told) {
    super(EnabledEventCallback.ON_BACKGROUND_ERROR);
    this.told = told;
  }

  @Override
  public void onBackgroundError(BackgroundErrorReason reason, Status status) {
    String state = status.getState() == null ? status.getCodeString() : status.getState();
    told.accept(
        new RocksDBException("in the background (%s): %s".formatted(reason, state), status));
  }
}
