package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordLogTest {
  private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
  private static final Snapshot.Active ACTIVE =
      new Snapshot.Active(
          new SnapshotId(17),
          "k8s.io/5/extract-1 sha256:b",
          new Ancestry("sha256:a", List.of(new SnapshotId(3), new SnapshotId(1))),
          Labels.of(Map.of("containerd.io/gc.root", "now")),
          TIME,
          TIME.plusNanos(1));
  private static final Snapshot.Committed LAYER =
      ACTIVE.commit(
          "sha256:b", ACTIVE.ancestry(), Labels.NONE, new Usage(4096, 7), TIME.plusSeconds(1));

  private static byte[] log(byte[]... parts) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(log::writeBytes);
    return log.toByteArray();
  }

  @Test
  void keepsWhyASnapshotIsInQuarantine() {
    Optional<String> reason = Optional.of("its tree is not what was committed: etc/\\xe9");

    assertThat(RecordLog.last(RecordLog.entry(LAYER, reason)))
        .contains(new RecordLog.Entry(LAYER, false, reason));
  }

  /** As it was before there was a word on quarantine. */
  @Test
  void readsAnEntryThatSaysNothingOfQuarantine() {
    byte[] with = RecordLog.entry(LAYER, Optional.of("x"));
    byte[] without = RecordLog.entry(LAYER, Optional.empty());

    // Field 4, of one letter: three bytes more. Without it nothing is written at all.
    assertThat(with).hasSize(without.length + 3);
    assertThat(RecordLog.last(without))
        .contains(new RecordLog.Entry(LAYER, false, Optional.empty()));
  }

  private static byte[] torn(byte[] entry) {
    return Arrays.copyOf(entry, entry.length - 1);
  }

  @Test
  void keepsAllThatTheStoreKeepsOfEachKind() {
    Snapshot.View view =
        new Snapshot.View(ACTIVE.id(), "view", ACTIVE.ancestry(), Labels.NONE, TIME, TIME);

    assertThat(List.of(ACTIVE, LAYER, view))
        .allSatisfy(
            snapshot ->
                assertThat(RecordLog.last(RecordLog.entry(snapshot, Optional.empty())))
                    .contains(new RecordLog.Entry(snapshot, false, Optional.empty())));
  }

  @Test
  void theLastEntryCounts() {
    assertThat(
            RecordLog.last(
                log(RecordLog.entry(ACTIVE, Optional.empty()), RecordLog.announcement(LAYER))))
        .contains(new RecordLog.Entry(LAYER, true, Optional.empty()));
    assertThat(
            RecordLog.last(
                log(
                    RecordLog.entry(ACTIVE, Optional.empty()),
                    RecordLog.announcement(LAYER),
                    RecordLog.entry(LAYER, Optional.empty()))))
        .contains(new RecordLog.Entry(LAYER, false, Optional.empty()));
  }

  @Test
  void anEntryThatWasCutShortDoesNotCount() {
    assertThat(
            RecordLog.last(
                log(
                    RecordLog.entry(ACTIVE, Optional.empty()),
                    torn(RecordLog.entry(LAYER, Optional.empty())))))
        .contains(new RecordLog.Entry(ACTIVE, false, Optional.empty()));
  }

  @Test
  void whatFollowsATornEntryIsFound() {
    assertThat(
            RecordLog.last(
                log(torn(RecordLog.announcement(LAYER)), RecordLog.entry(LAYER, Optional.empty()))))
        .contains(new RecordLog.Entry(LAYER, false, Optional.empty()));
  }

  @Test
  void anyFlippedByteTakesOneEntryAway() {
    byte[] first = RecordLog.entry(ACTIVE, Optional.empty());
    byte[] both = log(first, RecordLog.entry(LAYER, Optional.empty()));
    for (int i = first.length; i < both.length; i++) {
      byte[] damaged = both.clone();
      damaged[i] ^= 0x10;

      assertThat(RecordLog.last(damaged))
          .contains(new RecordLog.Entry(ACTIVE, false, Optional.empty()));
    }
  }

  @Test
  void findsNothingInWhatIsNoLog() {
    byte[] noise = new byte[10_000];
    new Random(3).nextBytes(noise);

    assertThat(RecordLog.last(new byte[0])).isEmpty();
    assertThat(RecordLog.last(new byte[4096])).isEmpty();
    assertThat(RecordLog.last(noise)).isEmpty();
  }
}
