package dev.fuselage.observability.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final Owner IMAGE = new Owner(OwnerKind.IMAGE, "k8s.io", "web:1");

  private Optional<Report> last = Optional.empty();
  private Instant now = Instant.EPOCH;
  private final Growth growth = new Growth(() -> last);

  private static Holding pod(int number, long bytes) {
    return new Holding(
        new Owner(OwnerKind.POD, "shop", "web-" + number), 1, new Usage(bytes, 1), Usage.NONE);
  }

  private static Holding image(long bytes) {
    return new Holding(IMAGE, 1, new Usage(bytes, 1), Usage.NONE);
  }

  private void measure(Holding... holdings) {
    measure(List.of(holdings));
  }

  /** Makes a report, and then time passes. */
  private void measure(List<Holding> holdings) {
    List<Holding> sorted = new ArrayList<>(holdings);
    sorted.sort(Comparator.comparingLong((Holding holding) -> holding.usage().bytes()).reversed());
    last =
        Optional.of(
            new Report(
                now,
                true,
                sorted,
                Map.of(),
                List.of(),
                Report.Sum.NONE,
                List.of(),
                List.of(),
                0,
                Map.of(),
                new Report.FileSystem(1000, 500, 0, 0),
                Duration.ZERO,
                Duration.ZERO,
                Report.Gaps.NONE));
    growth.sample();
    now = now.plus(Duration.ofMinutes(1));
  }

  @Test
  void nothingIsKnownBeforeTheFirstReport() {
    growth.sample();

    assertThat(growth.samples()).isEmpty();
    assertThat(growth.growers()).isEmpty();
  }

  @Test
  void eachReportIsOneSampleHoweverOftenOneLooks() {
    measure(pod(1, 100), image(30));
    growth.sample();
    measure(pod(1, 150), image(30));

    assertThat(growth.samples()).extracting(Growth.Sample::bytes).containsExactly(130L, 180L);
    assertThat(growth.samples().getLast().of(OwnerKind.POD)).isEqualTo(150);
    assertThat(growth.samples().getLast().of(OwnerKind.IMAGE)).isEqualTo(30);
  }

  @Test
  void onlyAnHourIsKept() {
    for (int minute = 0; minute < 300; minute++) {
      measure(pod(1, minute));
    }

    assertThat(growth.samples()).hasSize(61);
    assertThat(growth.samples().getFirst().bytes()).isEqualTo(239);
    assertThat(growth.growers())
        .singleElement()
        .satisfies(
            grower ->
                assertThat(grower.over())
                    .isBetween(Duration.ofMinutes(50), Duration.ofMinutes(60)));
  }

  @Test
  void whoGrewComesByHowMuchAndWhoShrankNotAtAll() {
    measure(pod(1, 1000), pod(2, 500), pod(3, 10), image(5));
    measure(pod(1, 900), pod(2, 600), pod(3, 800), pod(4, 50), image(5000));

    assertThat(growth.growers())
        .extracting(grower -> grower.owner().name(), Growth.Grower::bytes)
        .containsExactly(tuple("web-3", 790L), tuple("web-2", 100L), tuple("web-4", 50L));
  }

  @Test
  void whoWasTooSmallToBeKeptHasGrownByNoMoreThanIsSure() {
    List<Holding> pods = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      pods.add(pod(i, 10_000 - i));
    }
    measure(pods);
    pods.set(900, pod(900, 50_000));
    measure(pods);

    assertThat(growth.growers())
        .singleElement()
        .satisfies(
            grower -> {
              assertThat(grower.owner().name()).isEqualTo("web-900");
              assertThat(grower.bytes()).isBetween(40_000L, 41_000L);
            });
  }
}
