package dev.fuselage.cleanup;

import dev.fuselage.admin.Verification.Finding;
import dev.fuselage.admin.Verification.Kind;
import dev.fuselage.admin.Verification.Listener;
import dev.fuselage.admin.Verification.Place;
import dev.fuselage.admin.Verification.Progress;
import dev.fuselage.admin.Verification.Request;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.TreeDigest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * One verification, in the order of ids. All that it finds is looked at once more before it is
 * told: a snapshot may be removed, or an active one committed, while its files are looked at.
 */
final class VerificationRun {
  private static final Logger LOG = Logger.getLogger(Verifier.class);
  private static final long REPORT_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long REMEMBER_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Parts parts;
  private final Request request;
  private final Call call;
  private final Listener listener;
  private final Pacer pacer;
  private long snapshots;
  private long ofSnapshots;
  private long entries;
  private long damages;
  private long notes;
  private long position;
  private long nextReport = System.nanoTime();
  private long nextRemembering = System.nanoTime() + REMEMBER_EVERY_NANOS;

  /** What looks, and at what. */
  record Parts(
      MetadataStore store,
      SnapshotDirectories directories,
      OrphanCheck orphanCheck,
      DirectoryCheck directoryCheck,
      LayerCheck layerCheck,
      Quarantiner quarantiner) {}

  VerificationRun(Parts parts, Request request, Call call, Listener listener, Pacer pacer) {
    this.parts = parts;
    this.request = request;
    this.call = call;
    this.listener = listener;
    this.pacer = pacer;
  }

  /** Looks at everything; where it ends before its time, by whatever exception, is remembered. */
  Progress go() {
    position = request.resume() ? parts.store().number(Verifier.POSITION).orElse(0) : 0;
    try {
      parts.store().check().forEach(fault -> found(Kind.STORE, Optional.empty(), fault));
      Optional<SnapshotId> settled = parts.orphanCheck().settled();
      Map<SnapshotId, String> keys = new TreeMap<>();
      if (list(keys) && settled.isPresent()) {
        lookForOrphans(settled.get(), keys.keySet());
      }
      keys.keySet().removeIf(id -> id.value() <= position);
      ofSnapshots = keys.size();
      for (Map.Entry<SnapshotId, String> entry : keys.entrySet()) {
        call.check();
        parts
            .store()
            .find(entry.getValue())
            .filter(snapshot -> snapshot.id().equals(entry.getKey()))
            .ifPresent(this::look);
        pacer.worked(1);
        snapshots++;
        position = entry.getKey().value();
        if (System.nanoTime() - nextRemembering >= 0) {
          remember();
        }
      }
      position = 0;
      return progress();
    } finally {
      remember();
    }
  }

  /**
   * Lists the keys of all snapshots by their ids; records are read again when it is their turn.
   *
   * @return whether these are all
   */
  private boolean list(Map<SnapshotId, String> keys) {
    try (Listing<Snapshot> listing = parts.store().list()) {
      while (listing.hasNext()) {
        Snapshot snapshot = listing.next();
        keys.put(snapshot.id(), snapshot.key());
      }
      return true;
    } catch (SnapshotException e) {
      found(Kind.STORE, Optional.empty(), String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void lookForOrphans(SnapshotId settled, Set<SnapshotId> recorded) {
    try {
      parts
          .orphanCheck()
          .look(
              settled,
              recorded,
              call,
              id ->
                  found(
                      Kind.ORPHAN,
                      Optional.of(new Place(id, StoredQuarantine.DIRECTORY + id, "")),
                      "it has no record: reconciliation moves it to the trash"));
    } catch (PosixException e) {
      found(
          Kind.UNVERIFIABLE,
          Optional.empty(),
          "directories without a record can't be looked for: " + e.getMessage());
    }
  }

  private void remember() {
    nextRemembering = System.nanoTime() + REMEMBER_EVERY_NANOS;
    Updates.run(parts.store(), transaction -> transaction.number(Verifier.POSITION, position));
  }

  private void look(Snapshot snapshot) {
    recordFault(snapshot).ifPresent(fault -> damaged(Kind.RECORD, snapshot, "", fault));
    try {
      Optional<String> fault = parts.directoryCheck().fault(snapshot.id());
      if (fault.isPresent()) {
        damaged(Kind.DIRECTORY, snapshot, "", fault.get());
        return;
      }
      parts
          .directories()
          .records()
          .fault(snapshot, parts.store())
          .ifPresent(what -> told(Kind.RECORD_FILE, snapshot, "its record file " + what));
      if (snapshot instanceof Snapshot.Committed layer) {
        lookAtTree(layer);
      }
    } catch (PosixException e) {
      told(Kind.UNVERIFIABLE, snapshot, "it can't be looked at: " + e.getMessage());
    }
  }

  private Optional<String> recordFault(Snapshot snapshot) {
    Ancestry ancestry = snapshot.ancestry();
    if (ancestry.isEmpty()) {
      return Optional.empty();
    }
    Optional<Snapshot> parent = parts.store().find(ancestry.parent());
    if (parent.isEmpty()) {
      return Optional.of("its parent " + Quote.of(ancestry.parent()) + " is missing");
    }
    if (parent.get() instanceof Snapshot.Committed layer && layer.ofChild().equals(ancestry)) {
      return Optional.empty();
    }
    return Optional.of(
        "its record names other layers below than that of its parent "
            + Quote.of(ancestry.parent()));
  }

  private void lookAtTree(Snapshot.Committed layer) throws PosixException {
    tell(layer, parts.layerCheck().look(layer, request.contents(), this::walked, call));
  }

  private void tell(Snapshot.Committed layer, LayerCheck.Result result) {
    switch (result) {
      case LayerCheck.Result.Gone _, LayerCheck.Result.Whole _ -> {}
      case LayerCheck.Result.Drifted(_, var now) ->
          told(
              Kind.USAGE,
              layer,
              "it takes %d bytes, and took %d at its commit"
                  .formatted(now.bytes(), layer.usage().bytes()));
      case LayerCheck.Result.Unknown(_, TreeDigest now) ->
          adoptOrNote(layer, now, "no digest was taken at its commit");
      case LayerCheck.Result.Unread(TreeDigest now, LayerCheck.Result rest) -> {
        adoptOrNote(layer, now, "its contents were not read at its commit");
        tell(layer, rest);
      }
      case LayerCheck.Result.Damaged(_, Kind kind, var paths, String what) -> {
        String detail = "its tree " + what;
        if (paths.isEmpty()) {
          damaged(kind, layer, "", detail);
        } else {
          paths.forEach(path -> damaged(kind, layer, path, detail));
        }
      }
    }
  }

  private void adoptOrNote(Snapshot.Committed layer, TreeDigest now, String why) {
    if (request.adopt()) {
      adopt(layer, now);
    } else {
      told(Kind.UNVERIFIABLE, layer, why);
    }
  }

  private void walked(int count, boolean calling) {
    call.check();
    entries += count;
    pacer.worked(count);
    if (calling && System.nanoTime() - nextReport >= 0) {
      nextReport = System.nanoTime() + REPORT_EVERY_NANOS;
      listener.progressed(progress());
    }
  }

  private void adopt(Snapshot.Committed layer, TreeDigest digest) {
    Updates.run(
        parts.store(),
        transaction ->
            transaction
                .find(layer.key())
                .filter(found -> found.id().equals(layer.id()))
                .ifPresent(
                    found -> {
                      if (found instanceof Snapshot.Committed still) {
                        transaction.put(still.with(digest));
                      }
                    }));
    try {
      boolean unused = parts.directories().records().agree(layer.with(digest), parts.store());
    } catch (PosixException e) {
      LOG.warnf(
          "op=verify id=%s its record file is behind the store: %s", layer.id(), e.getMessage());
    }
  }

  private void damaged(Kind kind, Snapshot snapshot, String path, String detail) {
    if (parts.quarantiner().isCurrent(snapshot)) {
      found(kind, Optional.of(new Place(snapshot.id(), snapshot.key(), path)), detail);
      boolean unused =
          parts.quarantiner().quarantine(snapshot, path.isEmpty() ? detail : detail + ": " + path);
    }
  }

  /** Tells of what bars nobody from using the snapshot. */
  private void told(Kind kind, Snapshot snapshot, String detail) {
    if (parts.quarantiner().isCurrent(snapshot)) {
      found(kind, Optional.of(new Place(snapshot.id(), snapshot.key(), "")), detail);
    }
  }

  private void found(Kind kind, Optional<Place> place, String detail) {
    Finding finding = new Finding(kind, place, detail);
    if (kind.isDamage()) {
      damages++;
      LOG.errorf("op=verify %s", line(finding));
    } else {
      notes++;
      LOG.debugf("op=verify %s", line(finding));
    }
    listener.found(finding);
  }

  private static String line(Finding finding) {
    String where =
        finding
            .place()
            .map(
                place ->
                    "id=%s key=%s path=%s "
                        .formatted(place.id(), Quote.of(place.key()), Quote.of(place.path())))
            .orElse("");
    return "kind=%s %s%s".formatted(finding.kind(), where, finding.detail());
  }

  /** How far it is. */
  Progress progress() {
    return new Progress(snapshots, ofSnapshots, entries, damages, notes);
  }
}
