package dev.fuselage.admin;

import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What came of making a store again.
 *
 * @param doubtful snapshots brought back, but in quarantine, each with the reason
 * @param refused directories that were not brought back, each with the reason
 * @param gone keys that the backup knows, and that have no directory any more
 * @param aside where the store of before is kept; empty if there was none
 */
public record RebuildReport(
    int committed,
    int active,
    int views,
    Map<SnapshotId, String> doubtful,
    Map<SnapshotId, String> refused,
    List<String> gone,
    String aside) {

  /** Whether all that the directories hold is back and may be used. */
  public boolean isWhole() {
    return doubtful.isEmpty() && refused.isEmpty();
  }

  /** All of it, for a person. */
  public List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "brought back: %d committed, %d active, %d views".formatted(committed, active, views));
    doubtful.forEach((id, why) -> sentences.add("in quarantine: %s: %s".formatted(id, why)));
    refused.forEach((id, why) -> sentences.add("not brought back: %s: %s".formatted(id, why)));
    gone.forEach(key -> sentences.add("gone since: " + key));
    if (!aside.isEmpty()) {
      sentences.add("the store of before is kept in " + aside);
    }
    return sentences;
  }

  /** The same report, with where the store of before went. */
  public RebuildReport keptIn(String place) {
    return new RebuildReport(committed, active, views, doubtful, refused, gone, place);
  }
}
