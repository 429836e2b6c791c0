package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.metadata.RecordLog;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  private final Map<SnapshotId, Optional<RecordLog.Entry>> found = new LinkedHashMap<>();
  private final Map<SnapshotId, Snapshot> remembered = new LinkedHashMap<>();

  private static Snapshot.Committed layer(long id, String name, Ancestry below) {
    return new Snapshot.Committed(
        new SnapshotId(id), name, below, Labels.NONE, Instant.EPOCH, Instant.EPOCH, Usage.NONE);
  }

  private static Snapshot.Active active(long id, String key, Ancestry below) {
    return new Snapshot.Active(
        new SnapshotId(id), key, below, Labels.NONE, Instant.EPOCH, Instant.EPOCH);
  }

  private <S extends Snapshot> S find(S snapshot) {
    found.put(snapshot.id(), Optional.of(new RecordLog.Entry(snapshot, false, Optional.empty())));
    return snapshot;
  }

  private Claims.Verdict judge() {
    return Claims.judge(found, remembered);
  }

  @Test
  void acceptsWhatStandsOnWhatIsThereInAnyOrder() {
    Snapshot.Committed base = layer(9, "base", Ancestry.NONE);
    Snapshot.Committed top = layer(3, "top", base.ofChild());
    find(active(1, "container", top.ofChild()));
    find(top);
    find(base);

    assertThat(judge().accepted())
        .extracting(entry -> entry.snapshot().key())
        .containsExactly("base", "top", "container");
    assertThat(judge().refused()).isEmpty();
  }

  @Test
  void refusesADirectoryThatNothingSpeaksFor() {
    found.put(new SnapshotId(4), Optional.empty());

    assertThat(judge().accepted()).isEmpty();
    assertThat(judge().refused())
        .containsOnly(Map.entry(new SnapshotId(4), "nothing beside it says what it is"));
  }

  @Test
  void letsAStoreOfBeforeSpeakForADirectoryThatSaysNothingOnly() {
    Snapshot.Active silent = active(4, "silent", Ancestry.NONE);
    found.put(silent.id(), Optional.empty());
    remembered.put(silent.id(), silent);
    Snapshot.Committed now = find(layer(5, "layer", Ancestry.NONE));
    remembered.put(now.id(), active(5, "extract", Ancestry.NONE));
    remembered.put(new SnapshotId(6), active(6, "gone", Ancestry.NONE));

    assertThat(judge().accepted())
        .extracting(RecordLog.Entry::snapshot)
        .containsExactly(silent, now);
  }

  @Test
  void refusesTheRecordOfAnotherDirectory() {
    found.put(
        new SnapshotId(5),
        Optional.of(
            new RecordLog.Entry(layer(4, "copied", Ancestry.NONE), false, Optional.empty())));

    assertThat(judge().refused())
        .containsOnly(Map.entry(new SnapshotId(5), "its record is of directory 4"));
  }

  @Test
  void ofTwoThatClaimOneKeyTheYoungerIsRight() {
    find(active(7, "key", Ancestry.NONE));
    Snapshot.Active younger = find(active(12, "key", Ancestry.NONE));

    assertThat(judge().accepted()).extracting(RecordLog.Entry::snapshot).containsExactly(younger);
    assertThat(judge().refused()).containsOnlyKeys(new SnapshotId(7));
    assertThat(judge().refused().get(new SnapshotId(7))).contains("directory 12");
  }

  @Test
  void ofTwoThatClaimOneNameTheOneWhoseCommitIsDoneIsRight() {
    Snapshot.Committed done = find(layer(7, "layer", Ancestry.NONE));
    Snapshot.Committed begun = layer(12, "layer", Ancestry.NONE);
    found.put(begun.id(), Optional.of(new RecordLog.Entry(begun, true, Optional.empty())));

    assertThat(judge().accepted()).extracting(RecordLog.Entry::snapshot).containsExactly(done);
    assertThat(judge().refused()).containsOnlyKeys(begun.id());
  }

  @Test
  void refusesAllThatStandsOnWhatIsNotBroughtBack() {
    Snapshot.Committed lost = layer(1, "lost", Ancestry.NONE);
    found.put(lost.id(), Optional.empty());
    Snapshot.Committed upon = find(layer(2, "upon", lost.ofChild()));
    Snapshot.Active container = find(active(3, "container", upon.ofChild()));
    Snapshot.Active beside = find(active(4, "beside", Ancestry.NONE));

    assertThat(judge().accepted()).extracting(RecordLog.Entry::snapshot).containsExactly(beside);
    assertThat(judge().refused()).containsOnlyKeys(lost.id(), upon.id(), container.id());
    assertThat(judge().refused().get(container.id())).contains("upon", "directory 2");
  }

  @Test
  void aParentOfTheSameNameThatIsAnotherIsNoParent() {
    Ancestry former = layer(1, "base", Ancestry.NONE).ofChild();
    find(layer(5, "base", Ancestry.NONE));
    Snapshot.Active container = find(active(3, "container", former));

    assertThat(judge().refused()).containsOnlyKeys(container.id());
  }
}
