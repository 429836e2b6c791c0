package dev.fuselage.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException.Code;
import dev.fuselage.torture.Linearizability.Verdict;
import dev.fuselage.torture.Operation.Begin;
import dev.fuselage.torture.Operation.Commit;
import dev.fuselage.torture.Operation.ListAll;
import dev.fuselage.torture.Operation.Remove;
import dev.fuselage.torture.Operation.Stat;
import dev.fuselage.torture.Operation.Update;
import dev.fuselage.torture.Outcome.Done;
import dev.fuselage.torture.Outcome.Failed;
import dev.fuselage.torture.Outcome.Saw;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
  private static final Begin PREPARE = new Begin(Kind.ACTIVE, "key", "", "1");
  private static final Entry PREPARED = new Entry(Kind.ACTIVE, "", "1");

  private static Completed call(long called, long answered, Operation operation, Outcome outcome) {
    return new Completed(operation, outcome, called, answered);
  }

  private static Verdict judge(Completed... history) {
    return Linearizability.judge(List.of(history), Linearizability.MANY_SITUATIONS);
  }

  private static Saw saw(Entry entry) {
    return new Saw(Map.of("key", entry));
  }

  @Test
  void aCallMaySeeWhatIsDoneMeanwhileOrNot() {
    for (Outcome outcome : List.of(saw(PREPARED), new Failed(Code.NOT_FOUND))) {
      assertThat(judge(call(1, 4, PREPARE, new Done()), call(2, 3, new Stat("key"), outcome)))
          .isEqualTo(Verdict.LINEARIZABLE);
    }
  }

  @Test
  void whatIsAcknowledgedMustBeSeen() {
    assertThat(
            judge(
                call(1, 2, PREPARE, new Done()),
                call(3, 4, new Stat("key"), new Failed(Code.NOT_FOUND))))
        .isEqualTo(Verdict.VIOLATED);
  }

  @Test
  void whatWasSeenOnceIsSeenByLaterCallsToo() {
    assertThat(
            judge(
                call(1, 10, PREPARE, new Done()),
                call(2, 3, new Stat("key"), saw(PREPARED)),
                call(4, 5, new Stat("key"), new Failed(Code.NOT_FOUND))))
        .isEqualTo(Verdict.VIOLATED);
  }

  @Test
  void ofTwoThatWantAKeyOneGetsIt() {
    Begin other = new Begin(Kind.VIEW, "key", "", "2");

    assertThat(
            judge(
                call(1, 3, PREPARE, new Done()),
                call(2, 4, other, new Failed(Code.ALREADY_EXISTS))))
        .isEqualTo(Verdict.LINEARIZABLE);
    assertThat(judge(call(1, 3, PREPARE, new Done()), call(2, 4, other, new Done())))
        .isEqualTo(Verdict.VIOLATED);
  }

  @Test
  void callsUnderWayAreOrderedByWhatOthersSaw() {
    Entry updated = PREPARED.with("2");

    assertThat(
            judge(
                call(1, 9, new Remove("key"), new Done()),
                call(2, 10, new Update("key", "2"), saw(updated)),
                call(3, 11, PREPARE, new Done()),
                call(4, 5, new Stat("key"), saw(updated))))
        .isEqualTo(Verdict.LINEARIZABLE);
  }

  @Test
  void aListingOfTwoMomentsIsFound() {
    Begin second = new Begin(Kind.ACTIVE, "later", "", "2");

    assertThat(
            judge(
                call(1, 3, PREPARE, new Done()),
                call(4, 5, second, new Done()),
                call(
                    2,
                    6,
                    new ListAll(),
                    new Saw(Map.of("later", new Entry(Kind.ACTIVE, "", "2"))))))
        .isEqualTo(Verdict.VIOLATED);
  }

  @Test
  void aLayerIsThereUnderItsNameOrUnderItsKeyNeverBoth() {
    Commit commit = new Commit("layer", "key", Optional.empty(), "2");
    Entry layer = new Entry(Kind.COMMITTED, "", "2");

    assertThat(
            judge(
                call(1, 2, PREPARE, new Done()),
                call(3, 6, commit, new Done()),
                call(4, 5, new ListAll(), new Saw(Map.of("layer", layer)))))
        .isEqualTo(Verdict.LINEARIZABLE);
    assertThat(
            judge(
                call(1, 2, PREPARE, new Done()),
                call(3, 6, commit, new Done()),
                call(4, 5, new ListAll(), new Saw(Map.of("layer", layer, "key", PREPARED)))))
        .isEqualTo(Verdict.VIOLATED);
  }

  @Test
  void aSeedMakesTheSamePlanAgain() {
    assertThat(Plan.of(7)).isEqualTo(Plan.of(7)).isNotEqualTo(Plan.of(8));
  }
}
