package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.grpc.ForwardingSnapshotter;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Reserve;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CanaryTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final Canary.Settings SETTINGS =
      new Canary.Settings(Duration.ofMinutes(1), Duration.ofSeconds(10), Duration.ofSeconds(5));

  private final AtomicLong nanos = new AtomicLong();
  private final Disk disk = new Disk();
  private final Canary canary = canary(SETTINGS);

  private Canary canary(Canary.Settings settings) {
    return new Canary(disk, settings, Clock.fixed(NOW, ZoneOffset.UTC), nanos::get);
  }

  /** A snapshotter whose Prepare fails, or takes its time, as it is told. */
  private final class Disk extends ForwardingSnapshotter {
    private final List<String> prepared = new ArrayList<>();
    private Optional<String> failure = Optional.empty();
    private Duration delay = Duration.ZERO;
    private Runnable meanwhile = () -> {};

    Disk() {
      super(new InMemorySnapshotter());
    }

    @Override
    public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
      prepared.add(key);
      pass(delay);
      meanwhile.run();
      failure.ifPresent(
          why -> {
            throw new SnapshotException(SnapshotException.Code.UNAVAILABLE, why);
          });
      return super.prepare(call, key, parent, labels);
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void layersCannotBeMadeBeforeOneWas() {
    assertThat(canary.verdict()).isInstanceOf(Canary.Verdict.Ill.class);
    assertThat(canary.lastSuccess()).isEmpty();
  }

  @Test
  void makesALayerInTheReserveAndLeavesNothing() {
    canary.tryIfDue();

    assertThat(canary.verdict()).isInstanceOf(Canary.Verdict.Well.class);
    assertThat(canary.lastSuccess()).contains(NOW);
    assertThat(disk.prepared).hasSize(1).allMatch(Reserve::holds);
    try (Listing<Info> left = disk.list(List.of())) {
      assertThat(left.hasNext()).isFalse();
    }
  }

  @Test
  void triesWhenItsTimeHasComeAndNotBefore() {
    canary.tryIfDue();
    pass(Duration.ofSeconds(59));
    canary.tryIfDue();
    assertThat(disk.prepared).hasSize(1);

    pass(Duration.ofSeconds(1));
    canary.tryIfDue();
    assertThat(disk.prepared).hasSize(2);
  }

  @Test
  void afterAFailureItTriesAgainSoonerAndSaysWhy() {
    disk.failure = Optional.of("the disk does not write");
    canary.tryIfDue();
    assertThat(canary.verdict())
        .isEqualTo(
            new Canary.Verdict.Ill("Prepare of an empty snapshot failed: the disk does not write"));

    disk.failure = Optional.empty();
    pass(Duration.ofSeconds(5));
    canary.tryIfDue();
    assertThat(canary.verdict()).isInstanceOf(Canary.Verdict.Well.class);
  }

  @Test
  void triesAtOnceWhenSomethingHasChanged() {
    canary.tryIfDue();
    canary.soon();
    canary.tryIfDue();

    assertThat(disk.prepared).hasSize(2);
  }

  @Test
  void oneThatHasNotEndedInTimeSaysWhereItIs() {
    List<Canary.Verdict> meanwhile = new ArrayList<>();
    disk.delay = Duration.ofSeconds(12);
    disk.meanwhile = () -> meanwhile.add(canary.verdict());

    canary.tryIfDue();

    assertThat(meanwhile)
        .containsExactly(
            new Canary.Verdict.Ill("Prepare of an empty snapshot has not ended for 12 s"));
    assertThat(canary.verdict()).isInstanceOf(Canary.Verdict.Ill.class);
  }

  @Test
  void takesUpWhatOneThatWasKilledLeft() {
    disk.prepare(Call.PATIENT, Reserve.key("canary"), "", Labels.NONE);
    canary.tryIfDue();
    assertThat(canary.verdict()).isInstanceOf(Canary.Verdict.Well.class);

    disk.prepare(Call.PATIENT, Reserve.key("canary"), "", Labels.NONE);
    disk.commit(
        Call.PATIENT,
        Reserve.key("canary-layer"),
        Reserve.key("canary"),
        Optional.empty(),
        Labels.NONE);
    canary.soon();
    canary.tryIfDue();
    assertThat(canary.verdict()).isInstanceOf(Canary.Verdict.Well.class);
  }

  @Test
  void onOrderItNeverTries() {
    Canary none = canary(new Canary.Settings(Duration.ZERO, Duration.ofSeconds(1), Duration.ZERO));
    none.tryIfDue();

    assertThat(disk.prepared).isEmpty();
    assertThat(none.verdict()).isEqualTo(new Canary.Verdict.Unasked());
  }

  @Test
  void settingsThatMakeNoSenseAreRefusedByName() {
    assertThatThrownBy(
            () -> new Canary.Settings(Duration.ofSeconds(-1), Duration.ofSeconds(1), Duration.ZERO))
        .hasMessageContaining("fuselage.canary.every");
    assertThatThrownBy(() -> new Canary.Settings(Duration.ZERO, Duration.ZERO, Duration.ZERO))
        .hasMessageContaining("fuselage.canary.limit");
  }
}
