package dev.fuselage.observability.page;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.observability.SlowCalls;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** All of a node at a glance, as JSON: docs/node-page.md describes it. */
final class NodeDocument {
  /** Of pods, images and containers each; all others are summed. */
  static final int MOST_HOLDINGS = 30;

  /** Of everything else. */
  static final int MOST_ROWS = 20;

  private final JsonGenerator json;

  NodeDocument(JsonGenerator json) {
    this.json = json;
  }

  /**
   * Writes it.
   *
   * @param sources empty while the service starts or stops
   */
  void write(ServiceState.State state, List<SlowCalls.SlowCall> slow, Optional<Sources> sources)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("now", Instant.now().toString());
    json.writeBooleanField("ready", state.serving());
    json.writeStringField("detail", state.detail());
    json.writeObjectFieldStart("slowCalls");
    Rows.write(json, slow, 0, slow.size(), Rows::slowCall);
    json.writeEndObject();
    if (sources.isPresent()) {
      write(sources.get());
    }
    json.writeEndObject();
  }

  private void write(Growth growth) throws IOException {
    json.writeObjectFieldStart("growth");
    json.writeArrayFieldStart("samples");
    for (Growth.Sample sample : growth.samples()) {
      json.writeStartObject();
      json.writeStringField("at", sample.at().toString());
      json.writeNumberField("bytes", sample.bytes());
      json.writeNumberField("freeBytes", sample.freeBytes());
      for (OwnerKind kind : OwnerKind.values()) {
        if (sample.of(kind) > 0) {
          json.writeNumberField(kind.label(), sample.of(kind));
        }
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("growers");
    List<Growth.Grower> growers = growth.growers();
    Rows.write(json, growers, 0, growers.size(), Rows::grower);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void write(Sources sources) throws IOException {
    json.writeStringField("node", sources.node());
    json.writeStringField("root", sources.root());
    Optional<Report> report = sources.last().get();
    if (report.isPresent()) {
      json.writeObjectFieldStart("report");
      write(report.get());
      json.writeEndObject();
    }
    write(sources.growth());
    section("trash", sources.trash()::list, this::trash);
    section("quarantine", sources.quarantine()::list, this::quarantine);
    section("verification", sources.verified(), this::verification);
    section("backups", sources.backups(), this::backups);
  }

  /** Writes a part of the document, which does not exist yet. */
  @FunctionalInterface
  private interface Section<T> {
    void write(T content) throws IOException;
  }

  private <T> void section(String name, Supplier<T> source, Section<T> section) throws IOException {
    json.writeObjectFieldStart(name);
    try {
      section.write(source.get());
    } catch (SnapshotException e) {
      json.writeStringField("error", String.valueOf(e.getMessage()));
    }
    json.writeEndObject();
  }

  private void write(Report report) throws IOException {
    json.writeStringField("made", report.made().toString());
    json.writeNumberField("oldestSeconds", report.oldest().toSeconds());
    json.writeNumberField("tookMillis", report.took().toMillis());
    json.writeNumberField("unmeasured", report.gaps().unmeasured());
    json.writeNumberField("unreadable", report.gaps().unreadable());
    json.writeBooleanField("containerd", report.live());
    Report.FileSystem disk = report.fileSystem();
    json.writeObjectFieldStart("fileSystem");
    json.writeNumberField("totalBytes", disk.totalBytes());
    json.writeNumberField("freeBytes", disk.freeBytes());
    json.writeNumberField("totalInodes", disk.totalInodes());
    json.writeNumberField("freeInodes", disk.freeInodes());
    json.writeEndObject();
    json.writeObjectFieldStart("total");
    usage(report.total());
    json.writeEndObject();
    owners(report);
    json.writeArrayFieldStart("kinds");
    for (Kind kind : Kind.values()) {
      Report.Sum sum = report.kinds().getOrDefault(kind, Report.Sum.NONE);
      json.writeStartObject();
      json.writeStringField("kind", kind.label());
      json.writeNumberField("count", sum.count());
      usage(sum.usage());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("own");
    for (Report.Part part : Report.Part.values()) {
      json.writeNumberField(part.label(), report.own().getOrDefault(part, Usage.NONE).bytes());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("unclaimed");
    Rows.write(json, report.unclaimed(), 0, MOST_ROWS, Rows::unclaimed);
    json.writeEndObject();
    json.writeObjectFieldStart("overLimit");
    Rows.write(json, report.overLimit(), 0, MOST_ROWS, Rows::overLimit);
    json.writeEndObject();
  }

  private void usage(Usage usage) throws IOException {
    json.writeNumberField("bytes", usage.bytes());
    json.writeNumberField("inodes", usage.inodes());
  }

  /** Each kind with its sum, and its largest owners: together they are the total. */
  private void owners(Report report) throws IOException {
    Map<OwnerKind, Holding> sums = new EnumMap<>(OwnerKind.class);
    Map<OwnerKind, Integer> owners = new EnumMap<>(OwnerKind.class);
    for (Holding holding : report.holdings()) {
      OwnerKind kind = holding.owner().kind();
      Holding sum = sums.getOrDefault(kind, new Holding(Owner.of(kind), 0, Usage.NONE, Usage.NONE));
      sums.put(
          kind,
          new Holding(
              sum.owner(),
              sum.entries() + holding.entries(),
              sum.usage().plus(holding.usage()),
              Usage.NONE));
      owners.merge(kind, 1, Integer::sum);
    }
    json.writeArrayFieldStart("owners");
    for (Map.Entry<OwnerKind, Holding> entry : sums.entrySet()) {
      json.writeStartObject();
      json.writeStringField("kind", entry.getKey().label());
      json.writeNumberField("entries", entry.getValue().entries());
      usage(entry.getValue().usage());
      json.writeNumberField("count", owners.getOrDefault(entry.getKey(), 0));
      largest(report, entry.getKey());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void largest(Report report, OwnerKind kind) throws IOException {
    int written = 0;
    json.writeArrayFieldStart("rows");
    for (Holding holding : report.holdings()) {
      if (holding.owner().kind() == kind && written < MOST_HOLDINGS) {
        json.writeStartObject();
        Rows.holding(json, holding);
        json.writeEndObject();
        written++;
      }
    }
    json.writeEndArray();
  }

  private void trash(List<Trash.Tree> trees) throws IOException {
    long bytes = 0;
    long unknown = 0;
    for (Trash.Tree tree : trees) {
      bytes += tree.usage().map(Usage::bytes).orElse(0L);
      unknown += tree.usage().isPresent() ? 0 : 1;
    }
    json.writeNumberField("trees", trees.size());
    json.writeNumberField("knownBytes", bytes);
    json.writeNumberField("treesOfUnknownSize", unknown);
    if (!trees.isEmpty()) {
      Duration age = Duration.between(trees.getFirst().since(), Instant.now());
      json.writeNumberField("oldestSeconds", Math.max(0, age.toSeconds()));
    }
    json.writeObjectFieldStart("stuck");
    List<Trash.Tree> stuck = trees.stream().filter(tree -> tree.backOff().isPresent()).toList();
    Rows.write(json, stuck, 0, MOST_ROWS, Rows::tree);
    json.writeEndObject();
  }

  private void quarantine(List<Quarantine.Entry> entries) throws IOException {
    Rows.write(json, entries, 0, MOST_ROWS, Rows::quarantined);
  }

  private void verification(Optional<Instant> completed) throws IOException {
    if (completed.isPresent()) {
      json.writeStringField("completed", completed.get().toString());
    }
  }

  private void backups(List<StoreCare.Backup> backups) throws IOException {
    json.writeNumberField("count", backups.size());
    if (!backups.isEmpty()) {
      json.writeObjectFieldStart("last");
      Rows.backup(json, backups.getLast());
      json.writeEndObject();
    }
  }
}
