package dev.fuselage.cleanup;

import dev.fuselage.metadata.RecordLog;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Judges what directories say that they are: which of them become snapshots again, and which don't,
 * and why.
 *
 * <p>A directory speaks for itself by the record beside it; one that has none is what a store of
 * before remembered of it. Two that claim one key can't both be right: the one whose commit is
 * known to be done goes first, then the younger. What stands on a layer that is not brought back is
 * not either.
 */
final class Claims {
  private final Map<String, RecordLog.Entry> byKey = new HashMap<>();
  private final Map<SnapshotId, String> refused = new TreeMap<>();

  private Claims() {}

  /**
   * What becomes of the directories.
   *
   * @param accepted become snapshots; those announced only are doubtful
   * @param refused stay where they are, each with the reason
   */
  record Verdict(List<RecordLog.Entry> accepted, Map<SnapshotId, String> refused) {}

  /**
   * @param found what lies beside each directory; empty where nothing whole does
   * @param remembered by a store of before; empty if there is none
   */
  static Verdict judge(
      Map<SnapshotId, Optional<RecordLog.Entry>> found, Map<SnapshotId, Snapshot> remembered) {
    Claims claims = new Claims();
    new TreeMap<>(found)
        .forEach(
            (id, entry) ->
                entry
                    .or(
                        () ->
                            Optional.ofNullable(remembered.get(id))
                                .map(
                                    snapshot ->
                                        new RecordLog.Entry(snapshot, false, Optional.empty())))
                    .ifPresentOrElse(
                        claim -> claims.enter(id, claim),
                        () -> claims.refused.put(id, "nothing beside it says what it is")));
    return claims.verdict();
  }

  /** In the order of ids, so that a later one is younger. */
  private void enter(SnapshotId id, RecordLog.Entry claim) {
    Snapshot snapshot = claim.snapshot();
    if (!snapshot.id().equals(id)) {
      refused.put(id, "its record is of directory " + snapshot.id());
      return;
    }
    RecordLog.Entry other = byKey.get(snapshot.key());
    if (other == null) {
      byKey.put(snapshot.key(), claim);
    } else if (claim.announced() && !other.announced()) {
      refuse(claim, other);
    } else {
      byKey.put(snapshot.key(), claim);
      refuse(other, claim);
    }
  }

  private void refuse(RecordLog.Entry loser, RecordLog.Entry winner) {
    refused.put(
        loser.snapshot().id(),
        "it claims to be %s, as directory %s does with more right"
            .formatted(Quote.of(loser.snapshot().key()), winner.snapshot().id()));
  }

  private Verdict verdict() {
    // Parents first, so that one look at the parent is enough.
    List<RecordLog.Entry> order = new ArrayList<>(byKey.values());
    order.sort(
        Comparator.<RecordLog.Entry>comparingInt(entry -> entry.snapshot().ancestry().depth())
            .thenComparing(entry -> entry.snapshot().id()));
    Map<String, Snapshot> layers = new HashMap<>();
    List<RecordLog.Entry> accepted = new ArrayList<>(order.size());
    for (RecordLog.Entry entry : order) {
      Snapshot snapshot = entry.snapshot();
      Ancestry ancestry = snapshot.ancestry();
      boolean stands =
          ancestry.isEmpty()
              || (layers.get(ancestry.parent()) instanceof Snapshot.Committed parent
                  && parent.ofChild().equals(ancestry));
      if (stands) {
        accepted.add(entry);
        layers.put(snapshot.key(), snapshot);
      } else {
        refused.put(
            snapshot.id(),
            "%s stands on %s, directory %s, which can't be brought back"
                .formatted(
                    Quote.of(snapshot.key()),
                    Quote.of(ancestry.parent()),
                    ancestry.ids().getFirst()));
      }
    }
    return new Verdict(accepted, refused);
  }
}
