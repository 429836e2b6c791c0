package dev.fuselage.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.metadata.SyncMeter;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiskMetricsTest {
  private Optional<Report> report = Optional.empty();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  DiskMetricsTest() {
    new Metrics(registry).beginDisk(() -> report, Map.of("log", SyncMeter::new));
  }

  @Test
  void beforeTheFirstReportThereIsNothingOfTheDisk() {
    assertThat(registry.scrape())
        .contains("fuselage_build_info{", "fuselage_sync_duration_seconds_count{what=\"log\",} 0.0")
        .doesNotContain("fuselage_root_bytes");
  }

  @Test
  void seriesOfWhatIsGoneDisappear() {
    report = Optional.of(report(pods(1), 1));
    assertThat(registry.scrape())
        .contains("fuselage_pod_bytes{namespace=\"shop\",pod=\"web-0\",} 1.0");

    report = Optional.of(report(List.of(), 0));

    assertThat(registry.scrape()).doesNotContain("web-0");
  }

  @Test
  void whatAReportMayBeWrongInIsTold() {
    report = Optional.of(report(List.of(), 0));

    assertThat(registry.scrape())
        .contains(
            "fuselage_measurement_unmeasured_snapshots 5.0",
            "fuselage_measurement_unreadable_trees 6.0");
  }

  @Test
  void theSumOfThePodsIsExactThoughTheSmallestAreNotNamed() {
    report = Optional.of(report(pods(DiskMetrics.MOST_NAMED + 50), 1));

    List<String> series = series("fuselage_pod_bytes{");

    assertThat(series).hasSize(DiskMetrics.MOST_NAMED + 1);
    assertThat(series.stream().mapToDouble(DiskMetricsTest::value).sum())
        .isEqualTo(DiskMetrics.MOST_NAMED + 50);
  }

  @Test
  void tenThousandSnapshotsGiveABoundedNumberOfSeries() {
    report = Optional.of(report(pods(1000), 200));

    assertThat(registry.scrape().lines().filter(line -> !line.startsWith("#")))
        .hasSizeLessThan(5000);
  }

  @Test
  void aHostileKeyStaysALabel() {
    SnapshotRow row =
        new SnapshotRow(
            "a\"} 1\nfuselage_root_bytes 7\n\\" + "x".repeat(5000),
            Kind.ACTIVE,
            Owner.of(OwnerKind.UNKNOWN),
            new Usage(5, 1),
            Instant.EPOCH);
    report = Optional.of(with(List.of(), List.of(row)));

    assertThat(registry.scrape().lines()).noneMatch(line -> line.equals("fuselage_root_bytes 7"));
    assertThat(series("fuselage_snapshot_bytes{")).singleElement().asString().hasSizeLessThan(400);
  }

  private List<String> series(String prefix) {
    return registry.scrape().lines().filter(line -> line.startsWith(prefix)).toList();
  }

  private static double value(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  private static List<Holding> pods(int number) {
    List<Holding> pods = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Owner pod = new Owner(OwnerKind.POD, "shop", "web-" + i);
      pods.add(new Holding(pod, 1, new Usage(1, 1), Usage.NONE));
    }
    return pods;
  }

  private static Report report(List<Holding> holdings, int snapshots) {
    List<SnapshotRow> rows = new ArrayList<>();
    for (int i = 0; i < snapshots; i++) {
      Owner owner = Owner.of(OwnerKind.UNKNOWN);
      rows.add(new SnapshotRow("k/" + i, Kind.ACTIVE, owner, new Usage(1, 1), Instant.EPOCH));
    }
    return with(holdings, rows);
  }

  private static Report with(List<Holding> holdings, List<SnapshotRow> rows) {
    return new Report(
        Instant.now(),
        true,
        holdings,
        Map.of(),
        rows,
        Report.Sum.NONE,
        List.of(),
        List.of(),
        0,
        Map.of(Report.Part.STORE, new Usage(9, 1)),
        new Report.FileSystem(4, 3, 2, 1),
        Duration.ZERO,
        Duration.ZERO,
        new Report.Gaps(5, 6));
  }
}
