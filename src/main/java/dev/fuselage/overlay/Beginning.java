package dev.fuselage.overlay;

import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Stages;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** How a snapshot begins: its directory first, then its record. */
final class Beginning {
  private final StoredSnapshots snapshots;
  private final IdsInFlight ids;
  private final SnapshotDirectories directories;
  private final Mounts mounts;
  private final Limits limits;
  private final Clock clock;
  private final Stages stages;

  /** Makes the record of a new snapshot. */
  @FunctionalInterface
  interface Birth<S extends Snapshot> {
    S of(SnapshotId id, Ancestry ancestry, Instant now);
  }

  Beginning(
      StoredSnapshots snapshots,
      IdsInFlight ids,
      SnapshotDirectories directories,
      Mounts mounts,
      Limits limits,
      Clock clock,
      Stages stages) {
    this.snapshots = snapshots;
    this.ids = ids;
    this.directories = directories;
    this.mounts = mounts;
    this.limits = limits;
    this.clock = clock;
    this.stages = stages;
  }

  <S extends Snapshot> S begin(
      Call call, String key, String parent, Labels labels, Birth<S> birth) {
    limits.checkKey(key);
    limits.checkLabels(labels);
    Ancestry ancestry = StoredSnapshots.ancestryUpon(parent, snapshots::find);
    limits.checkDepth(ancestry);
    snapshots.checkUsable(ancestry);
    StoredSnapshots.checkFree(snapshots.find(key));
    call.check();
    S snapshot = birth.of(ids.begin(), ancestry, clock.instant());
    try {
      try (Stages.Stage _ = stages.begin(Stages.Part.DIRECTORIES)) {
        directories.create(snapshot, owner(ancestry, labels));
      }
      return record(call, snapshot, parent);
    } catch (UnknownOutcomeException e) {
      // Its directory stays, for its record may be there. By now the store has failed, and
      // reconciliation, which asks it for an id, waits until it has been read again.
      throw e.failure();
    } finally {
      ids.end(snapshot.id());
    }
  }

  private <S extends Snapshot> S record(Call call, S snapshot, String parent) {
    try {
      return snapshots.updateOrUnknown(
          transaction -> {
            call.check();
            Ancestry ancestry = StoredSnapshots.ancestryUpon(parent, transaction::find);
            if (!ancestry.equals(snapshot.ancestry())) {
              throw SnapshotException.notFound(parent);
            }
            StoredSnapshots.checkFree(transaction.find(snapshot.key()));
            transaction.put(snapshot);
            return snapshot;
          });
    } catch (UnknownOutcomeException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      directories.discard(snapshot.id());
      throw e;
    }
  }

  private Optional<SnapshotDirectories.Owner> owner(Ancestry ancestry, Labels labels) {
    return mounts
        .mappedRoot(labels, !ancestry.isEmpty())
        .or(() -> ancestry.isEmpty() ? Optional.empty() : Optional.of(ownerOfParent(ancestry)));
  }

  private SnapshotDirectories.Owner ownerOfParent(Ancestry ancestry) {
    SnapshotId parent = ancestry.ids().getFirst();
    return directories
        .ownerOf(parent)
        .orElseThrow(
            () ->
                snapshots.isStill(ancestry.parent(), parent)
                    ? SnapshotException.failedPrecondition(
                        "layer %s below has lost its directory %s", parent, directories.fs(parent))
                    : SnapshotException.notFound(ancestry.parent()));
  }
}
