package dev.fuselage.cleanup;

import dev.fuselage.admin.Quarantine;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.overlay.RecordFiles;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/** The quarantine that a store remembers. */
public final class StoredQuarantine implements Quarantine {
  private static final Logger LOG = Logger.getLogger(StoredQuarantine.class);

  /** Stands before the id where there is no key. */
  static final String DIRECTORY = "snapshots/";

  private final MetadataStore store;
  private final RecordFiles records;

  public StoredQuarantine(MetadataStore store, RecordFiles records) {
    this.store = store;
    this.records = records;
  }

  /** How many there are. */
  public long size() {
    return store.quarantine().size();
  }

  /** Reads all records, since a snapshot in quarantine is known by its id alone. */
  @Override
  public List<Entry> list() {
    Map<SnapshotId, String> reasons = new TreeMap<>(store.quarantine());
    Map<SnapshotId, Snapshot> quarantined = new HashMap<>();
    Map<SnapshotId, List<Snapshot>> above = new HashMap<>();
    try (Listing<Snapshot> listing = store.list()) {
      while (listing.hasNext()) {
        Snapshot snapshot = listing.next();
        if (reasons.containsKey(snapshot.id())) {
          quarantined.put(snapshot.id(), snapshot);
        }
        for (SnapshotId below : snapshot.ancestry().ids()) {
          if (reasons.containsKey(below)) {
            above.computeIfAbsent(below, id -> new ArrayList<>()).add(snapshot);
          }
        }
      }
    }
    List<Entry> entries = new ArrayList<>();
    reasons.forEach(
        (id, reason) -> {
          Optional<Snapshot> snapshot = Optional.ofNullable(quarantined.get(id));
          entries.add(
              new Entry(
                  id,
                  snapshot.map(Snapshot::key).orElse(DIRECTORY + id),
                  snapshot.map(Snapshot::kind),
                  reason,
                  keys(above.getOrDefault(id, List.of()))));
        });
    return entries;
  }

  private static List<String> keys(List<Snapshot> snapshots) {
    return snapshots.stream()
        .sorted(Comparator.comparingInt(snapshot -> snapshot.ancestry().depth()))
        .map(Snapshot::key)
        .toList();
  }

  private static Optional<SnapshotId> directory(String key) {
    return key.startsWith(DIRECTORY)
        ? SnapshotId.parse(key.substring(DIRECTORY.length()))
        : Optional.empty();
  }

  @Override
  public void release(String key) {
    Optional<Snapshot> snapshot = store.find(key);
    if (snapshot.isPresent()) {
      records.changeQuarantine(snapshot.get(), store, () -> releaseInStore(key));
    } else {
      releaseInStore(key);
    }
  }

  private void releaseInStore(String key) {
    try {
      SnapshotId released =
          store.update(
              transaction -> {
                SnapshotId id =
                    transaction
                        .find(key)
                        .map(Snapshot::id)
                        .or(() -> directory(key))
                        .orElseThrow(() -> SnapshotException.notFound(key));
                if (!store.quarantine().containsKey(id)) {
                  throw SnapshotException.failedPrecondition(
                      "snapshot %s is not in quarantine", Quote.of(key));
                }
                transaction.release(id);
                return id;
              });
      LOG.infof("op=quarantine id=%s key=%s released by an operator", released, Quote.of(key));
    } catch (UnknownOutcomeException e) {
      throw e.failure();
    }
  }
}
