package dev.fuselage.cleanup;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.RecordFiles;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Puts damaged snapshots into quarantine by name, and takes those that healed out of it. */
final class Quarantiner {
  private static final Logger LOG = Logger.getLogger(Quarantiner.class);

  private final MetadataStore store;
  private final RecordFiles records;
  private final String operation;

  /**
   * @param operation that finds the damage, for the log
   */
  Quarantiner(MetadataStore store, RecordFiles records, String operation) {
    this.store = store;
    this.records = records;
    this.operation = operation;
  }

  /** Whether the snapshot still has this record: it may go, or be committed, at any time. */
  boolean isCurrent(Snapshot snapshot) {
    return store
        .find(snapshot.key())
        .filter(found -> found.id().equals(snapshot.id()) && found.kind() == snapshot.kind())
        .isPresent();
  }

  /**
   * Bars a snapshot, unless it was removed or committed meanwhile. One that is barred already keeps
   * its first reason.
   *
   * @return whether it is barred now
   */
  boolean quarantine(Snapshot snapshot, String reason) {
    if (store.quarantine().containsKey(snapshot.id())) {
      return true;
    }
    AtomicBoolean done = new AtomicBoolean();
    records.changeQuarantine(snapshot, store, () -> bar(snapshot, reason, done));
    if (done.get()) {
      LOG.errorf(
          "op=%s id=%s key=%s in quarantine: %s",
          operation, snapshot.id(), Quote.of(snapshot.key()), reason);
    }
    return done.get();
  }

  private void bar(Snapshot snapshot, String reason, AtomicBoolean done) {
    Updates.run(
        store,
        transaction -> {
          done.set(
              transaction
                  .find(snapshot.key())
                  .filter(found -> found.id().equals(snapshot.id()))
                  .isPresent());
          if (done.get()) {
            transaction.quarantine(snapshot.id(), reason);
          }
        });
  }

  void release(Snapshot snapshot) {
    records.changeQuarantine(
        snapshot,
        store,
        () -> Updates.run(store, transaction -> transaction.release(snapshot.id())));
    LOG.infof(
        "op=%s id=%s key=%s healed, and released from quarantine",
        operation, snapshot.id(), Quote.of(snapshot.key()));
  }
}
