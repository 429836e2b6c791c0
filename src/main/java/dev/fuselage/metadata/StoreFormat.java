package dev.fuselage.metadata;

import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The format of what a store holds: of the first it says nothing, of another the number. Each is
 * reached from the one before by a step, and no store takes one of which there is no backup.
 *
 * @param steps from the first format on
 */
public record StoreFormat(List<Consumer<Transaction>> steps) {
  private static final Logger LOG = Logger.getLogger(StoreFormat.class);

  /** There has been one format. */
  public static final StoreFormat CURRENT = new StoreFormat(List.of());

  /** For a store that is a copy itself. */
  public static final Backup COPY = (store, reason) -> {};

  static final String NUMBER = "format";

  /** Copies a store that was just opened. */
  @FunctionalInterface
  public interface Backup {
    void make(RocksStore store, String reason) throws IOException;
  }

  private int latest() {
    return steps.size() + 1;
  }

  /**
   * Brings a store to this format, before anybody sees it. Where that ends early it goes on the
   * next time.
   *
   * @throws SnapshotException UNAVAILABLE if a later version wrote it, or if there is no backup
   */
  public void bring(RocksStore store, Backup backup) {
    int found = Math.toIntExact(store.number(NUMBER).orElse(1));
    if (found > latest()) {
      throw unavailable(
          "its format is %d, and this version reads up to %d: start the version of Fuselage that wrote it"
              .formatted(found, latest()));
    }
    if (found == latest()) {
      return;
    }
    try {
      backup.make(store, "before format " + latest());
    } catch (IOException | SnapshotException e) {
      throw unavailable(
          "it stays at format %d, since no backup can be made: %s"
              .formatted(found, e.getMessage()));
    }
    for (int format = found; format < latest(); format++) {
      Consumer<Transaction> step = steps.get(format - 1);
      int next = format + 1;
      int reached =
          store.update(
              transaction -> {
                step.accept(transaction);
                transaction.number(NUMBER, next);
                return next;
              });
      LOG.infof("op=upgrade format=%d", reached);
    }
  }

  private static SnapshotException unavailable(String why) {
    return new SnapshotException(
        SnapshotException.Code.UNAVAILABLE, "the metadata store is not used: " + why);
  }
}
