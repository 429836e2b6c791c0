package dev.fuselage.overlay;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Filter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Limits;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Stages;
import dev.fuselage.snapshot.Usage;
import java.time.Clock;
import java.time.Duration;
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
  private final StoredSnapshots snapshots;
  private final IdsInFlight ids;
  private final Beginning beginning;
  private final Committing committing;
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
    this.snapshots = new StoredSnapshots(store, stages);
    this.ids = new IdsInFlight(store);
    this.directories = directories;
    this.mounts = new Mounts(settings.mounts(), directories);
    this.beginning =
        new Beginning(snapshots, ids, directories, mounts, settings.limits(), clock, stages);
    this.committing =
        new Committing(
            snapshots,
            directories,
            usages,
            settings.limits(),
            settings.digestContents(),
            clock,
            stages);
    this.reclaimer = reclaimer;
    this.settings = settings;
    this.clock = clock;
    this.usages = usages;
    this.stages = stages;
  }

  @Override
  public Info stat(String key) {
    return info(snapshots.found(key));
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
    SnapshotId id = snapshots.found(key).id();
    try (SnapshotLocks.Held _ = directories.records().hold(id)) {
      Snapshot updated =
          snapshots.update(
              transaction -> {
                call.check();
                Snapshot before = StoredSnapshots.found(transaction.find(key), key);
                if (!before.id().equals(id)) {
                  throw SnapshotException.notFound(key);
                }
                Labels labels = change.apply(before.labels());
                settings.limits().checkLabels(labels);
                Snapshot after = before.relabelled(labels, clock.instant());
                transaction.put(after);
                return after;
              });
      directories.records().append(updated, snapshots.quarantine(id), true);
      return info(updated);
    }
  }

  @Override
  public Usage usage(Call call, String key) {
    Snapshot snapshot = snapshots.found(key);
    return switch (snapshot) {
      case Snapshot.View view -> Usage.NONE;
      case Snapshot.Committed committed -> committed.usage();
      case Snapshot.Active active -> walked(call, active);
    };
  }

  private Usage walked(Call call, Snapshot.Active active) {
    try (Stages.Stage _ = stages.begin(Stages.Part.WALK)) {
      return usages
          .usage(active.id(), call)
          .orElseThrow(() -> snapshots.unmeasured(active, directories.fs(active.id())));
    }
  }

  @Override
  public List<Mount> mounts(String key) {
    Snapshot snapshot = snapshots.found(key);
    snapshots.checkUsable(snapshot.ancestry());
    snapshots.checkUsable(snapshot.id());
    return switch (snapshot) {
      case Snapshot.Active active -> mounts.of(active);
      case Snapshot.View view -> mounts.of(view);
      case Snapshot.Committed committed ->
          throw SnapshotException.failedPrecondition(
              "snapshot %s is committed: only active snapshots and views can be mounted",
              Quote.of(key));
    };
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    Snapshot.Active begun =
        beginning.begin(
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
        beginning.begin(
            call,
            key,
            parent,
            labels,
            (id, ancestry, now) -> new Snapshot.View(id, key, ancestry, labels, now, now));
    return mounts.of(begun);
  }

  /** An id up to which no snapshot is being made, nor will be; empty while there is none. */
  public Optional<SnapshotId> settledId() {
    return ids.settled();
  }

  @Override
  public void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    committing.commit(call, name, key, parent, labels);
  }

  @Override
  public void remove(Call call, String key) {
    directories.beforeRemoval();
    try (RemovalsInFlight.Removal _ = directories.beginRemoval()) {
      removeNow(call, key);
    }
  }

  private void removeNow(Call call, String key) {
    Snapshot removed =
        snapshots.update(
            transaction -> {
              call.check();
              Snapshot snapshot = StoredSnapshots.found(transaction.find(key), key);
              if (snapshot instanceof Snapshot.Committed layer && transaction.hasChildren(layer)) {
                throw SnapshotException.failedPrecondition(
                    "snapshot %s has children: remove them first", Quote.of(key));
              }
              transaction.delete(snapshot);
              if (snapshots.quarantine(snapshot.id()).isPresent()) {
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
}
