package dev.fuselage.overlay;

import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Reserve;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Stages;
import dev.fuselage.snapshot.Usage;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** How an active snapshot becomes a layer: its data first, then its record. */
final class Committing {
  private final StoredSnapshots snapshots;
  private final SnapshotDirectories directories;
  private final UsageCache usages;
  private final Limits limits;
  private final boolean digestContents;
  private final Clock clock;
  private final Stages stages;

  Committing(
      StoredSnapshots snapshots,
      SnapshotDirectories directories,
      UsageCache usages,
      Limits limits,
      boolean digestContents,
      Clock clock,
      Stages stages) {
    this.snapshots = snapshots;
    this.directories = directories;
    this.usages = usages;
    this.limits = limits;
    this.digestContents = digestContents;
    this.clock = clock;
    this.stages = stages;
  }

  void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    limits.checkKey(name);
    limits.checkLabels(labels);
    Snapshot.Active active = StoredSnapshots.active(snapshots.find(key), key);
    ancestryAtCommit(active, parent, snapshots::find);
    StoredSnapshots.checkFree(snapshots.find(name));
    call.check();
    try (SnapshotLocks.Held _ = directories.records().hold(active.id())) {
      commit(call, active, name, parent, labels);
    }
  }

  /** Announced beside the layer before its data is synced, so that one sync is enough for both. */
  private void commit(
      Call call, Snapshot.Active active, String name, Optional<String> parent, Labels labels) {
    String key = active.key();
    Instant now = clock.instant();
    directories
        .records()
        .announce(
            active.commit(
                name, ancestryAtCommit(active, parent, snapshots::find), labels, Usage.NONE, now));
    try {
      syncData(name);
      SnapshotDirectories.Survey survey = survey(call, active);
      Snapshot.Committed layer =
          snapshots.updateOrUnknown(
              transaction -> {
                call.check();
                Snapshot.Active still = StoredSnapshots.active(transaction.find(key), key);
                if (!still.id().equals(active.id())) {
                  throw SnapshotException.notFound(key);
                }
                Ancestry below = ancestryAtCommit(still, parent, transaction::find);
                StoredSnapshots.checkFree(transaction.find(name));
                transaction.delete(still);
                Snapshot.Committed made =
                    still.commit(name, below, labels, survey.usage(), now).with(survey.digest());
                transaction.put(made);
                return made;
              });
      directories.records().append(layer, snapshots.quarantine(layer.id()), false);
      usages.forget(active.id());
    } catch (UnknownOutcomeException e) {
      // The layer may be there after a restart.
      throw e.failure();
    } catch (RuntimeException | Error e) {
      withdraw(active);
      throw e;
    }
  }

  private void syncData(String name) {
    try (Stages.Stage _ = stages.begin(Stages.Part.SYNC)) {
      if (Reserve.holds(name)) {
        directories.syncDataOnceInAWhile();
      } else {
        directories.syncData();
      }
    }
  }

  private SnapshotDirectories.Survey survey(Call call, Snapshot.Active active) {
    try (Stages.Stage _ = stages.begin(Stages.Part.WALK)) {
      return directories
          .survey(active.id(), digestContents, call)
          .orElseThrow(() -> snapshots.unmeasured(active, directories.fs(active.id())));
    }
  }

  private void withdraw(Snapshot.Active active) {
    try {
      snapshots
          .find(active.key())
          .filter(found -> found.id().equals(active.id()))
          .ifPresent(
              found ->
                  directories.records().append(found, snapshots.quarantine(found.id()), false));
    } catch (SnapshotException e) {
      // Reconciliation withdraws it: what counts now is why the commit failed.
    }
  }

  /** A snapshot that was prepared without a parent may be given one at its commit. */
  private Ancestry ancestryAtCommit(
      Snapshot.Active active, Optional<String> parent, StoredSnapshots.Lookup lookup) {
    Ancestry prepared = active.ancestry();
    if (parent.isEmpty() || parent.get().equals(prepared.parent())) {
      return prepared;
    }
    if (!prepared.isEmpty()) {
      throw SnapshotException.invalidArgument(
          "snapshot %s was prepared upon %s and cannot be committed upon %s",
          Quote.of(active.key()), Quote.of(prepared.parent()), Quote.of(parent.get()));
    }
    if (StoredSnapshots.found(lookup.find(parent.get()), parent.get())
        instanceof Snapshot.Committed layer) {
      limits.checkDepth(layer.ofChild());
      return layer.ofChild();
    }
    throw SnapshotException.failedPrecondition(
        "parent %s is not committed", Quote.of(parent.get()));
  }
}
