package dev.fuselage.overlay;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Filter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Reserve;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Stages;
import dev.fuselage.snapshot.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The snapshotter over a root and a metadata store.
 *
 * <p>Directory first, record second when a snapshot begins; record first, directory second when it
 * goes. So whatever happens in between leaves at most a directory without a record. Nothing is
 * walked, synced or deleted within a store's mutation: all looks are taken before, and the mutation
 * looks once more at what could have changed.
 */
public final class OverlaySnapshotter implements Snapshotter {
  private final MetadataStore store;
  private final IdsInFlight ids;
  private final SnapshotDirectories directories;
  private final Mounts mounts;
  private final Reclaimer reclaimer;
  private final Settings settings;
  private final Clock clock;
  private final UsageCache usages;
  private final Stages stages;

  /**
   * What an operator may choose.
   *
   * @param digestContents whether Commit reads all that a layer holds for its digest
   * @param upperDirectoryLabel whether answers carry {@link Labels#UPPER_DIRECTORY}
   */
  public record Settings(
      MountSettings mounts, Limits limits, boolean digestContents, boolean upperDirectoryLabel) {}

  public OverlaySnapshotter(
      MetadataStore store,
      SnapshotDirectories directories,
      Reclaimer reclaimer,
      Settings settings,
      Clock clock) {
    this(
        store,
        directories,
        reclaimer,
        settings,
        clock,
        new UsageCache(directories::measure, Duration.ZERO, System::nanoTime),
        Stages.NONE);
  }

  /**
   * @param usages answers about usage, as old as this cache allows
   * @param stages hears what calls wait for
   */
  public OverlaySnapshotter(
      MetadataStore store,
      SnapshotDirectories directories,
      Reclaimer reclaimer,
      Settings settings,
      Clock clock,
      UsageCache usages,
      Stages stages) {
    this.store = store;
    this.ids = new IdsInFlight(store);
    this.directories = directories;
    this.mounts = new Mounts(settings.mounts(), directories);
    this.reclaimer = reclaimer;
    this.settings = settings;
    this.clock = clock;
    this.usages = usages;
    this.stages = stages;
  }

  @Override
  public Info stat(String key) {
    return info(found(store.find(key), key));
  }

  private static <T extends Snapshot> T found(Optional<T> snapshot, String key) {
    return snapshot.orElseThrow(() -> SnapshotException.notFound(key));
  }

  private Info info(Snapshot snapshot) {
    Info info = snapshot.info();
    if (!settings.upperDirectoryLabel()) {
      return info;
    }
    Labels labels =
        info.labels().with(Labels.UPPER_DIRECTORY, directories.fs(snapshot.id()).toString());
    return new Info(
        info.name(), info.parent(), info.kind(), labels, info.created(), info.updated());
  }

  @Override
  public Info update(Call call, String key, LabelChange change) {
    try (KeyLocks.Held _ = directories.records().hold(key)) {
      Snapshot updated =
          write(
              transaction -> {
                call.check();
                Snapshot before = found(transaction.find(key), key);
                Labels labels = change.apply(before.labels());
                settings.limits().checkLabels(labels);
                Snapshot after = before.relabelled(labels, clock.instant());
                transaction.put(after);
                return after;
              });
      directories.records().append(updated, true);
      return info(updated);
    }
  }

  @Override
  public Usage usage(Call call, String key) {
    Snapshot snapshot = found(store.find(key), key);
    return switch (snapshot) {
      case Snapshot.View view -> Usage.NONE;
      case Snapshot.Committed committed -> committed.usage();
      case Snapshot.Active active -> walked(call, active);
    };
  }

  private Usage walked(Call call, Snapshot.Active active) {
    try (Stages.Stage _ = stages.begin(Stages.Part.WALK)) {
      return usages.usage(active.id(), call).orElseThrow(() -> unmeasured(active));
    }
  }

  private SnapshotException unmeasured(Snapshot.Active active) {
    return isStill(active.key(), active.id())
        ? SnapshotException.failedPrecondition(
            "snapshot %s has lost its directory %s",
            Quote.of(active.key()), directories.fs(active.id()))
        : SnapshotException.notFound(active.key());
  }

  /** Whether a key has a snapshot, and not another one than before. */
  private boolean isStill(String key, SnapshotId id) {
    return store.find(key).filter(found -> found.id().equals(id)).isPresent();
  }

  @Override
  public List<Mount> mounts(String key) {
    Snapshot snapshot = found(store.find(key), key);
    checkUsable(snapshot.ancestry());
    checkUsable(snapshot.id());
    return switch (snapshot) {
      case Snapshot.Active active -> mounts.of(active);
      case Snapshot.View view -> mounts.of(view);
      case Snapshot.Committed committed ->
          throw SnapshotException.failedPrecondition(
              "snapshot %s is committed: only active snapshots and views can be mounted",
              Quote.of(key));
    };
  }

  private void checkUsable(Ancestry ancestry) {
    if (!store.quarantine().isEmpty()) {
      ancestry.ids().forEach(this::checkUsable);
    }
  }

  private void checkUsable(SnapshotId id) {
    String reason = store.quarantine().get(id);
    if (reason != null) {
      throw SnapshotException.failedPrecondition("snapshot %s is in quarantine: %s", id, reason);
    }
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    Snapshot.Active begun =
        begin(
            call,
            key,
            parent,
            labels,
            (id, ancestry, now) -> new Snapshot.Active(id, key, ancestry, labels, now, now));
    return mounts.of(begun);
  }

  @Override
  public List<Mount> view(Call call, String key, String parent, Labels labels) {
    Snapshot.View begun =
        begin(
            call,
            key,
            parent,
            labels,
            (id, ancestry, now) -> new Snapshot.View(id, key, ancestry, labels, now, now));
    return mounts.of(begun);
  }

  private <S extends Snapshot> S begin(
      Call call, String key, String parent, Labels labels, Birth<S> birth) {
    settings.limits().checkKey(key);
    settings.limits().checkLabels(labels);
    Ancestry ancestry = ancestryUpon(parent, store::find);
    settings.limits().checkDepth(ancestry);
    checkUsable(ancestry);
    checkFree(store.find(key));
    call.check();
    S snapshot = birth.of(ids.begin(), ancestry, clock.instant());
    try {
      try (Stages.Stage _ = stages.begin(Stages.Part.DIRECTORIES)) {
        directories.create(snapshot, owner(ancestry, labels));
      }
      S recorded = record(call, snapshot, parent);
      ids.end(snapshot.id());
      return recorded;
    } catch (UnknownOutcomeException e) {
      // Its record may be there after a restart, so its directory is to be left alone until then.
      throw e.failure();
    } catch (RuntimeException | Error e) {
      ids.end(snapshot.id());
      throw e;
    }
  }

  /** An id up to which no snapshot is being made, nor will be; empty while there is none. */
  public Optional<SnapshotId> settledId() {
    return ids.settled();
  }

  private <S extends Snapshot> S record(Call call, S snapshot, String parent) {
    try {
      return stored(
          transaction -> {
            call.check();
            if (!ancestryUpon(parent, transaction::find).equals(snapshot.ancestry())) {
              throw SnapshotException.notFound(parent);
            }
            checkFree(transaction.find(snapshot.key()));
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

  private static Ancestry ancestryUpon(String parent, Lookup lookup) {
    if (parent.isEmpty()) {
      return Ancestry.NONE;
    }
    return switch (found(lookup.find(parent), parent)) {
      case Snapshot.Committed committed -> committed.ofChild();
      case Snapshot.Active active -> throw notCommitted(parent, active.kind());
      case Snapshot.View view -> throw notCommitted(parent, view.kind());
    };
  }

  private static SnapshotException notCommitted(String parent, Kind kind) {
    return SnapshotException.invalidArgument(
        "parent %s is not committed: its kind is %s", Quote.of(parent), kind.label());
  }

  private static void checkFree(Optional<Snapshot> taken) {
    if (taken.isPresent()) {
      throw SnapshotException.alreadyExists(taken.get().key());
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
                isStill(ancestry.parent(), parent)
                    ? SnapshotException.failedPrecondition(
                        "layer %s below has lost its directory %s", parent, directories.fs(parent))
                    : SnapshotException.notFound(ancestry.parent()));
  }

  @Override
  public void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    settings.limits().checkKey(name);
    settings.limits().checkLabels(labels);
    Snapshot.Active active = active(store.find(key), key);
    ancestryAtCommit(active, parent, store::find);
    checkFree(store.find(name));
    call.check();
    try (KeyLocks.Held _ = directories.records().hold(key)) {
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
                name, ancestryAtCommit(active, parent, store::find), labels, Usage.NONE, now));
    try {
      syncData(name);
      SnapshotDirectories.Survey survey = survey(call, active);
      Snapshot.Committed layer =
          stored(
              transaction -> {
                call.check();
                Snapshot.Active still = active(transaction.find(key), key);
                if (!still.id().equals(active.id())) {
                  throw SnapshotException.notFound(key);
                }
                Ancestry below = ancestryAtCommit(still, parent, transaction::find);
                checkFree(transaction.find(name));
                transaction.delete(still);
                Snapshot.Committed made =
                    still.commit(name, below, labels, survey.usage(), now).with(survey.digest());
                transaction.put(made);
                return made;
              });
      directories.records().append(layer, false);
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
          .survey(active.id(), settings.digestContents(), call)
          .orElseThrow(() -> unmeasured(active));
    }
  }

  private void withdraw(Snapshot.Active active) {
    try {
      store
          .find(active.key())
          .filter(found -> found.id().equals(active.id()))
          .ifPresent(found -> directories.records().append(found, false));
    } catch (SnapshotException e) {
      // Reconciliation withdraws it: what counts now is why the commit failed.
    }
  }

  private static Snapshot.Active active(Optional<Snapshot> snapshot, String key) {
    if (found(snapshot, key) instanceof Snapshot.Active active) {
      return active;
    }
    throw SnapshotException.failedPrecondition("snapshot %s is not active", Quote.of(key));
  }

  /** A snapshot that was prepared without a parent may be given one at its commit. */
  private Ancestry ancestryAtCommit(
      Snapshot.Active active, Optional<String> parent, Lookup lookup) {
    Ancestry prepared = active.ancestry();
    if (parent.isEmpty() || parent.get().equals(prepared.parent())) {
      return prepared;
    }
    if (!prepared.isEmpty()) {
      throw SnapshotException.invalidArgument(
          "snapshot %s was prepared upon %s and cannot be committed upon %s",
          Quote.of(active.key()), Quote.of(prepared.parent()), Quote.of(parent.get()));
    }
    if (found(lookup.find(parent.get()), parent.get()) instanceof Snapshot.Committed layer) {
      settings.limits().checkDepth(layer.ofChild());
      return layer.ofChild();
    }
    throw SnapshotException.failedPrecondition(
        "parent %s is not committed", Quote.of(parent.get()));
  }

  @Override
  public void remove(Call call, String key) {
    directories.beforeRemoval();
    Snapshot removed =
        write(
            transaction -> {
              call.check();
              Snapshot snapshot = found(transaction.find(key), key);
              if (snapshot instanceof Snapshot.Committed layer && transaction.hasChildren(layer)) {
                throw SnapshotException.failedPrecondition(
                    "snapshot %s has children: remove them first", Quote.of(key));
              }
              transaction.delete(snapshot);
              if (store.quarantine().containsKey(snapshot.id())) {
                transaction.release(snapshot.id());
              }
              return snapshot;
            });
    usages.forget(removed.id());
    if (directories.moveToTrash(removed.id())) {
      reclaimer.removed(
          removed.id(),
          removed instanceof Snapshot.Committed layer
              ? Optional.of(layer.usage())
              : Optional.empty());
    }
  }

  @Override
  public Listing<Info> list(List<String> filters) {
    return new InfoListing(Filter.parse(filters), store.list(), this::info);
  }

  @Override
  public void cleanup(Call call) {
    reclaimer.drain(call);
  }

  private <T> T write(MetadataStore.Mutation<T> mutation) {
    try {
      return stored(mutation);
    } catch (UnknownOutcomeException e) {
      throw e.failure();
    }
  }

  private <T> T stored(MetadataStore.Mutation<T> mutation) {
    try (Stages.Stage _ = stages.begin(Stages.Part.STORE)) {
      return store.update(mutation);
    }
  }

  /** Makes the record of a new snapshot. */
  @FunctionalInterface
  private interface Birth<S extends Snapshot> {
    S of(SnapshotId id, Ancestry ancestry, Instant now);
  }

  /** The store, or a transaction's view of it. */
  @FunctionalInterface
  private interface Lookup {
    Optional<Snapshot> find(String key);
  }
}
