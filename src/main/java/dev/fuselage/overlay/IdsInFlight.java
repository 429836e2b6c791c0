package dev.fuselage.overlay;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;
import java.util.TreeSet;

/** The ids of snapshots that are being made: their directories may have no record yet. */
final class IdsInFlight {
  private final MetadataStore store;
  private final TreeSet<SnapshotId> inFlight = new TreeSet<>();

  IdsInFlight(MetadataStore store) {
    this.store = store;
  }

  /** A new id, which is in flight until {@link #end}. */
  synchronized SnapshotId begin() {
    SnapshotId id = store.newId();
    inFlight.add(id);
    return id;
  }

  synchronized void end(SnapshotId id) {
    inFlight.remove(id);
  }

  /** An id such that neither it nor any below is in flight, or ever will be; empty for none. */
  synchronized Optional<SnapshotId> settled() {
    if (inFlight.isEmpty()) {
      return Optional.of(store.newId());
    }
    long below = inFlight.first().value() - 1;
    return below > 0 ? Optional.of(new SnapshotId(below)) : Optional.empty();
  }
}
