package dev.fuselage.observability.page;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A part of a long list, as JSON: docs/node-page.md describes it. */
final class RowsDocument {
  static final int MOST_ROWS = 50;

  private final Sources sources;
  private final Query query;

  RowsDocument(Sources sources, Query query) {
    this.sources = sources;
    this.query = query;
  }

  /** Writes a document. */
  @FunctionalInterface
  interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  /**
   * What is asked for, found already.
   *
   * @throws IllegalArgumentException if there is no such list
   * @throws SnapshotException if it is not to be had
   */
  Writer find() {
    int cursor = query.cursor();
    return switch (query.get("of").orElse("")) {
      case "layer" -> part(sources.layers().of(image()), cursor, Rows::layer);
      case "quarantine" -> part(sources.quarantine().list(), cursor, Rows::quarantined);
      case "trash" -> part(sources.trash().list(), cursor, Rows::tree);
      case "unclaimed" -> part(report().unclaimed(), cursor, Rows::unclaimed);
      case "over-limit" -> part(report().overLimit(), cursor, Rows::overLimit);
      case "snapshot" -> part(snapshots(), cursor, Rows::snapshot);
      case "owner" -> part(holdings(kind()), cursor, Rows::holding);
      default -> throw new IllegalArgumentException("there is no such list");
    };
  }

  private static <T> Writer part(List<T> rows, int cursor, Rows.Writer<T> writer) {
    return json -> {
      json.writeStartObject();
      Rows.write(json, rows, cursor, MOST_ROWS, writer);
      json.writeEndObject();
    };
  }

  private Report report() {
    return sources
        .last()
        .get()
        .orElseThrow(
            () ->
                new SnapshotException(
                    SnapshotException.Code.UNAVAILABLE, "the disk was not measured yet"));
  }

  private OwnerKind kind() {
    String wanted = query.get("kind").orElse("");
    for (OwnerKind kind : OwnerKind.values()) {
      if (kind.label().equals(wanted)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("there is no such kind");
  }

  private Owner image() {
    return new Owner(
        OwnerKind.IMAGE, query.get("namespace").orElse(""), query.get("image").orElse(""));
  }

  private List<Holding> holdings(OwnerKind kind) {
    return report().holdings().stream().filter(holding -> holding.owner().kind() == kind).toList();
  }

  /** The largest ones; those of one owner, if one is named. */
  private List<SnapshotRow> snapshots() {
    if (query.get("kind").isEmpty()) {
      return report().snapshots();
    }
    OwnerKind kind = kind();
    Optional<String> namespace = query.get("namespace");
    Optional<String> name = query.get("name");
    return report().snapshots().stream()
        .filter(row -> row.owner().kind() == kind)
        .filter(row -> namespace.map(row.owner().namespace()::equals).orElse(true))
        .filter(row -> name.map(row.owner().name()::equals).orElse(true))
        .toList();
  }
}
