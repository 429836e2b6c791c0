package dev.fuselage.observability.page;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Layers;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A node of which a page can be made, with names as hostile as they come. */
final class MadeUpNode {
  static final String HOSTILE = "k8s.io/1/<img src=x onerror=alert(1)></script>\"'&\u2028";
  static final String POD = "<b>web</b>";
  private static final Usage USAGE = new Usage(4096, 2);
  private static final SnapshotRow ROW =
      new SnapshotRow(HOSTILE, Kind.ACTIVE, Owner.of(OwnerKind.UNCLAIMED), USAGE, Instant.EPOCH);

  final AtomicInteger rounds = new AtomicInteger();
  private volatile Optional<Report> report;
  private Instant made = Instant.parse("2026-01-01T00:00:00Z");
  private boolean broken;

  private MadeUpNode(Optional<Report> report) {
    this.report = report;
  }

  static MadeUpNode withPods(int pods) {
    MadeUpNode node = new MadeUpNode(Optional.empty());
    node.report = Optional.of(node.report(pods));
    return node;
  }

  static MadeUpNode unmeasured() {
    return new MadeUpNode(Optional.empty());
  }

  /** Its store does not answer any more. */
  MadeUpNode broken() {
    broken = true;
    return this;
  }

  /** A new report comes. */
  void measure() {
    made = made.plusSeconds(60);
    report = Optional.of(report(1));
  }

  private Report report(int pods) {
    List<Holding> holdings = new ArrayList<>();
    for (int i = 0; i < pods; i++) {
      Owner pod = new Owner(OwnerKind.POD, "shop", POD + i);
      holdings.add(new Holding(pod, 1, new Usage(1_000_000L - i, 1), Usage.NONE));
    }
    holdings.add(
        new Holding(new Owner(OwnerKind.IMAGE, "k8s.io", "web:1"), 2, new Usage(500, 3), USAGE));
    holdings.add(new Holding(Owner.SHARED, 1, USAGE, Usage.NONE));
    holdings.add(new Holding(Owner.of(OwnerKind.UNCLAIMED), 1, USAGE, Usage.NONE));
    return new Report(
        made,
        true,
        holdings,
        Map.of(Kind.ACTIVE, new Report.Sum(1, USAGE)),
        List.of(ROW),
        Report.Sum.NONE,
        List.of(
            new Unclaimed(
                ROW, Instant.EPOCH, 0, Optional.of(true), Optional.of("ctr rm '" + HOSTILE + "'"))),
        List.of(),
        1,
        Map.of(Report.Part.STORE, USAGE),
        new Report.FileSystem(10_000_000, 4_000_000, 1000, 900),
        Duration.ofSeconds(1),
        Duration.ofMillis(20),
        Report.Gaps.NONE);
  }

  Sources sources() {
    return new Sources(
        "node-1",
        "/var/lib/fuselage",
        () -> report,
        this::asked,
        image -> List.of(new Layers.Layer(image.name() + " base", USAGE, Instant.EPOCH, 2)),
        new OneTree(),
        new OneLayer(),
        () -> Optional.of(Instant.EPOCH),
        () -> List.of(new StoreCare.Backup(7, Instant.EPOCH, 4096, "schedule")),
        growth());
  }

  private Growth growth() {
    Growth growth = new Growth(() -> report);
    growth.sample();
    return growth;
  }

  private Report asked(Call call) {
    rounds.incrementAndGet();
    return report.orElseThrow(
        () -> new SnapshotException(SnapshotException.Code.UNAVAILABLE, "not yet"));
  }

  private static final class OneTree implements Trash {
    @Override
    public List<Tree> list() {
      return List.of(
          new Tree(
              "7",
              Optional.of(USAGE),
              Instant.EPOCH,
              Optional.of(new BackOff("unlinkat: busy", 3, Instant.EPOCH))));
    }

    @Override
    public Progress wake() {
      throw new AssertionError("a page reads only");
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> progress) {
      throw new AssertionError("a page reads only");
    }
  }

  private final class OneLayer implements Quarantine {
    @Override
    public List<Entry> list() {
      if (broken) {
        throw new SnapshotException(SnapshotException.Code.UNAVAILABLE, "the store is damaged");
      }
      return List.of(
          new Entry(
              new SnapshotId(5),
              HOSTILE,
              Optional.of(Kind.COMMITTED),
              "its directory is missing",
              List.of("a", "b", "c", "d")));
    }

    @Override
    public void release(String key) {
      throw new AssertionError("a page reads only");
    }
  }
}
