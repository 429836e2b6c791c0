package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class OwnOperationsTest {
  private final List<String> progress = new ArrayList<>();
  private final List<Verification.Request> asked = new ArrayList<>();

  /** Whose trash keeps some trees, and whose verification finds some damage. */
  private final class Pretended implements Administration {
    private final long stuck;
    private final long damages;
    private final List<Quarantine.Entry> quarantined;

    Pretended(long stuck, long damages, Quarantine.Entry... quarantined) {
      this.stuck = stuck;
      this.damages = damages;
      this.quarantined = List.of(quarantined);
    }

    @Override
    public Quarantine quarantine() {
      return new Quarantine() {
        @Override
        public List<Entry> list() {
          return quarantined;
        }

        @Override
        public void release(String key) {
          throw new AssertionError("nobody asks for it");
        }
      };
    }

    @Override
    public Trash trash() {
      return new Trash() {
        @Override
        public List<Tree> list() {
          return List.of();
        }

        @Override
        public Progress wake() {
          return new Progress(0, 0, 0, 0);
        }

        @Override
        public Progress empty(Call call, Consumer<Progress> listener) {
          listener.accept(new Progress(stuck + 2, 0, 0, stuck));
          return new Progress(stuck, 2, 40, stuck);
        }
      };
    }

    @Override
    public Verification verification() {
      return (request, _, listener) -> {
        asked.add(request);
        Verification.Progress end = new Verification.Progress(7, 7, 70, damages, 0);
        listener.progressed(end);
        return end;
      };
    }
  }

  private NodeOperations.Outcome run(
      Administration administration, Operation operation, boolean resumed) {
    return new OwnOperations(administration, Optional.empty())
        .run(operation, resumed, Call.PATIENT, progress::add);
  }

  @Test
  void aCleanupTellsWhatIsLeftAndWhatItDeleted() {
    assertThat(run(new Pretended(0, 0), Operation.CLEANUP, false))
        .isEqualTo(new NodeOperations.Outcome(true, "deleted 2 trees"));
    assertThat(progress).containsExactly("2 trees left");
  }

  @Test
  void aCleanupFailsIfATreeStays() {
    assertThat(run(new Pretended(1, 0), Operation.CLEANUP, false).success()).isFalse();
  }

  @Test
  void aVerificationFailsIfItFindsDamage() {
    assertThat(run(new Pretended(0, 0), Operation.VERIFY, false).success()).isTrue();
    assertThat(run(new Pretended(0, 3), Operation.VERIFY, false).message())
        .contains("3 findings mean damage");
  }

  @Test
  void aVerificationGoesOnWhereItWasEndedBeforeItsTime() {
    var first = run(new Pretended(0, 0), Operation.VERIFY, false);
    var second = run(new Pretended(0, 0), Operation.VERIFY, true);

    assertThat(List.of(first.success(), second.success())).containsOnly(true);
    assertThat(asked).extracting(Verification.Request::resume).containsExactly(false, true);
  }

  @Test
  void aVerificationThatGoesOnRemembersWhatItFoundBefore() {
    Quarantine.Entry found =
        new Quarantine.Entry(
            new SnapshotId(3), "layer", Optional.empty(), "another mode", List.of());

    var outcome = run(new Pretended(0, 0, found), Operation.VERIFY, true);

    assertThat(outcome.success()).isFalse();
    assertThat(outcome.message()).contains("1 are in quarantine since before");
  }

  @Test
  void nobodyIsEvictedUnlessTheNodeIsToldSo() {
    assertThatExceptionOfType(SnapshotException.class)
        .isThrownBy(() -> run(new Pretended(0, 0), Operation.EVACUATE, false))
        .withMessageContaining("fuselage.kubernetes.evacuate is false");
  }

  @Test
  void whatTheServiceCantOfferNowFailsWithItsReason() {
    assertThatExceptionOfType(SnapshotException.class)
        .isThrownBy(() -> run(Administration.NONE, Operation.BACKUP, false))
        .withMessageContaining("does not offer it");
  }
}
