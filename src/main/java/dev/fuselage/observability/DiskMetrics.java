package dev.fuselage.observability;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.OverLimit;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.metadata.SyncMeter;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import io.prometheus.client.Collector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;

/**
 * The metrics of the disk, made of the last report at each scrape: nothing is kept for them, and
 * what is gone has no series any more.
 */
final class DiskMetrics extends Collector implements Collector.Describable {
  /** Of pods, images and containers each; the rest is summed, so that series are bounded. */
  static final int MOST_NAMED = 200;

  private static final String OTHER = "other";

  private static final String VERSION = "/fuselage-version.properties";

  private final Supplier<Optional<Report>> reports;
  private final Map<String, Supplier<SyncMeter>> syncs;
  private final String version = version();

  /**
   * @param reports the last one; empty before the first
   * @param syncs by what is synced
   */
  DiskMetrics(Supplier<Optional<Report>> reports, Map<String, Supplier<SyncMeter>> syncs) {
    this.reports = reports;
    this.syncs = Map.copyOf(syncs);
  }

  /** The build's own, written into a resource by it. */
  private static String version() {
    Properties properties = new Properties();
    try (InputStream resource = DiskMetrics.class.getResourceAsStream(VERSION)) {
      if (resource != null) {
        properties.load(resource);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }

  /** Nothing is collected to see what there is when this is registered. */
  @Override
  public List<MetricFamilySamples> describe() {
    return List.of();
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Samples samples = new Samples();
    samples.add(
        Family.BUILD_INFO, 1, version, String.valueOf(System.getProperty("java.runtime.version")));
    reports.get().ifPresent(report -> add(report, samples));
    syncs.forEach(
        (what, meter) -> {
          SyncMeter.Counts counts = meter.get().counts();
          samples.addHistogram(
              Family.SYNC_DURATION, counts.bounds(), counts.counts(), counts.seconds(), what);
          samples.add(Family.SYNC_CALLERS, counts.callers(), what);
        });
    return samples.families();
  }

  private void add(Report report, Samples samples) {
    addTotals(report, samples);
    addNamed(report, OwnerKind.POD, Family.POD_BYTES, holding -> holding.usage().bytes(), samples);
    addNamed(
        report, OwnerKind.IMAGE, Family.IMAGE_BYTES, holding -> holding.usage().bytes(), samples);
    addNamed(
        report,
        OwnerKind.IMAGE,
        Family.IMAGE_SHARED_BYTES,
        holding -> holding.shared().bytes(),
        samples);
    addNamed(
        report,
        OwnerKind.CONTAINER,
        Family.CONTAINER_BYTES,
        holding -> holding.usage().bytes(),
        samples);
    addSnapshots(report, samples);
    addMeasuring(report, samples);
  }

  private static void addTotals(Report report, Samples samples) {
    Usage total = report.total();
    samples.add(Family.ROOT_BYTES, total.bytes());
    samples.add(Family.ROOT_INODES, total.inodes());
    Map<OwnerKind, Holding> kinds = new EnumMap<>(OwnerKind.class);
    for (OwnerKind kind : OwnerKind.values()) {
      kinds.put(kind, new Holding(Owner.of(kind), 0, Usage.NONE, Usage.NONE));
    }
    for (Holding holding : report.holdings()) {
      kinds.computeIfPresent(
          holding.owner().kind(),
          (kind, sum) ->
              new Holding(
                  sum.owner(),
                  sum.entries() + holding.entries(),
                  sum.usage().plus(holding.usage()),
                  Usage.NONE));
    }
    kinds.forEach(
        (kind, sum) -> {
          samples.add(Family.OWNER_BYTES, sum.usage().bytes(), kind.label());
          samples.add(Family.OWNER_INODES, sum.usage().inodes(), kind.label());
          samples.add(Family.OWNER_ENTRIES, sum.entries(), kind.label());
        });
    report
        .own()
        .forEach((part, usage) -> samples.add(Family.PART_BYTES, usage.bytes(), part.label()));
  }

  /** Amount of a holding. */
  @FunctionalInterface
  private interface Amount {
    long of(Holding holding);
  }

  private static void addNamed(
      Report report, OwnerKind kind, Family family, Amount amount, Samples samples) {
    int named = 0;
    long others = 0;
    for (Holding holding : report.holdings()) {
      Owner owner = holding.owner();
      if (owner.kind() != kind
          || (family == Family.IMAGE_SHARED_BYTES && owner.equals(Owner.SHARED))) {
        continue;
      }
      if (named < MOST_NAMED) {
        named++;
        samples.add(family, amount.of(holding), owner.namespace(), owner.name());
      } else {
        others += amount.of(holding);
      }
    }
    if (others > 0 && family != Family.IMAGE_SHARED_BYTES) {
      samples.add(family, others, "", OTHER);
    }
  }

  private static void addSnapshots(Report report, Samples samples) {
    for (Kind kind : Kind.values()) {
      Report.Sum sum = report.kinds().getOrDefault(kind, Report.Sum.NONE);
      samples.add(Family.SNAPSHOTS, sum.count(), kind.label());
      samples.add(Family.SNAPSHOTS_BYTES, sum.usage().bytes(), kind.label());
    }
    for (SnapshotRow row : report.snapshots()) {
      add(row.key(), row.kind().label(), row.owner().kind().label(), row.usage(), samples);
    }
    if (report.others().count() > 0) {
      add(OTHER, OTHER, OTHER, report.others().usage(), samples);
    }
    samples.add(Family.SNAPSHOTS_OVER_LIMIT, report.overLimit().size());
    int named = 0;
    for (OverLimit over : report.overLimit()) {
      if (named++ < MOST_NAMED) {
        samples.add(
            Family.SNAPSHOT_OVER_LIMIT_BYTES,
            over.snapshot().usage().bytes() - over.limit(),
            over.snapshot().key());
      }
    }
  }

  private static void add(
      String snapshot, String kind, String owner, Usage usage, Samples samples) {
    samples.add(Family.SNAPSHOT_BYTES, usage.bytes(), snapshot, kind, owner);
    samples.add(Family.SNAPSHOT_INODES, usage.inodes(), snapshot, kind, owner);
  }

  private void addMeasuring(Report report, Samples samples) {
    Report.FileSystem disk = report.fileSystem();
    samples.add(Family.FILESYSTEM_SIZE, disk.totalBytes());
    samples.add(Family.FILESYSTEM_FREE, disk.freeBytes());
    samples.add(Family.FILESYSTEM_INODES, disk.totalInodes());
    samples.add(Family.FILESYSTEM_INODES_FREE, disk.freeInodes());
    samples.add(Family.MEASURED_AGE, seconds(Duration.between(report.made(), Instant.now())));
    samples.add(Family.MEASURED_OLDEST, seconds(report.oldest()));
    samples.add(Family.MEASURED_DURATION, seconds(report.took()));
    samples.add(Family.MEASURED_NOT_YET, report.gaps().unmeasured());
    samples.add(Family.MEASURED_UNREADABLE, report.gaps().unreadable());
    samples.add(Family.CONTAINERD_CONNECTED, report.live() ? 1 : 0);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
