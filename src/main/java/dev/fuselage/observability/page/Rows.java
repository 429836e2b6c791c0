package dev.fuselage.observability.page;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Layers;
import dev.fuselage.admin.OverLimit;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.observability.SlowCalls;
import dev.fuselage.snapshot.Kind;
import java.io.IOException;
import java.util.List;

/** The fields of each kind of row, in JSON. Of names no more is told than a page can show. */
final class Rows {
  private static final int MOST_CHARACTERS = 512;
  private static final int MOST_NAMED_ABOVE = 3;

  private Rows() {}

  /** Writes the fields of a row, whose object is begun already. */
  @FunctionalInterface
  interface Writer<T> {
    void write(JsonGenerator json, T row) throws IOException;
  }

  /**
   * Writes a part of a list, and where to go on.
   *
   * @param from the first row
   * @param most rows
   */
  static <T> void write(JsonGenerator json, List<T> rows, int from, int most, Writer<T> writer)
      throws IOException {
    int begin = Math.min(from, rows.size());
    int end = Math.min(rows.size() - begin, most) + begin;
    json.writeNumberField("count", rows.size());
    json.writeArrayFieldStart("rows");
    for (T row : rows.subList(begin, end)) {
      json.writeStartObject();
      writer.write(json, row);
      json.writeEndObject();
    }
    json.writeEndArray();
    if (end < rows.size()) {
      json.writeNumberField("next", end);
    }
  }

  static void holding(JsonGenerator json, Holding holding) throws IOException {
    owner(json, holding.owner());
    json.writeNumberField("entries", holding.entries());
    json.writeNumberField("bytes", holding.usage().bytes());
    json.writeNumberField("inodes", holding.usage().inodes());
    json.writeNumberField("shared", holding.shared().bytes());
  }

  private static void owner(JsonGenerator json, Owner owner) throws IOException {
    json.writeStringField("owner", owner.kind().label());
    text(json, "namespace", owner.namespace());
    text(json, "name", owner.name());
  }

  static void snapshot(JsonGenerator json, SnapshotRow row) throws IOException {
    text(json, "key", row.key());
    json.writeStringField("kind", row.kind().label());
    owner(json, row.owner());
    json.writeNumberField("bytes", row.usage().bytes());
    json.writeNumberField("inodes", row.usage().inodes());
    json.writeStringField("created", row.created().toString());
  }

  static void unclaimed(JsonGenerator json, Unclaimed unclaimed) throws IOException {
    snapshot(json, unclaimed.snapshot());
    json.writeStringField("since", unclaimed.since().toString());
    json.writeNumberField("children", unclaimed.children());
    if (unclaimed.known().isPresent()) {
      json.writeBooleanField("known", unclaimed.known().get());
    }
    if (unclaimed.command().isPresent()) {
      json.writeStringField("command", unclaimed.command().get());
    }
  }

  static void overLimit(JsonGenerator json, OverLimit over) throws IOException {
    snapshot(json, over.snapshot());
    json.writeNumberField("limit", over.limit());
  }

  static void layer(JsonGenerator json, Layers.Layer layer) throws IOException {
    text(json, "key", layer.key());
    json.writeNumberField("bytes", layer.usage().bytes());
    json.writeNumberField("inodes", layer.usage().inodes());
    json.writeStringField("created", layer.created().toString());
    json.writeNumberField("images", layer.images());
  }

  static void quarantined(JsonGenerator json, Quarantine.Entry entry) throws IOException {
    text(json, "key", entry.key());
    json.writeStringField("kind", entry.kind().map(Kind::label).orElse("directory"));
    text(json, "reason", entry.reason());
    json.writeNumberField("above", entry.above().size());
    json.writeArrayFieldStart("aboveNamed");
    for (String key : entry.above().subList(0, Math.min(MOST_NAMED_ABOVE, entry.above().size()))) {
      json.writeString(shortened(key));
    }
    json.writeEndArray();
  }

  static void tree(JsonGenerator json, Trash.Tree tree) throws IOException {
    text(json, "name", tree.name());
    json.writeStringField("since", tree.since().toString());
    if (tree.usage().isPresent()) {
      json.writeNumberField("bytes", tree.usage().get().bytes());
    }
    if (tree.backOff().isPresent()) {
      Trash.BackOff backOff = tree.backOff().get();
      text(json, "reason", backOff.reason());
      json.writeNumberField("attempts", backOff.attempts());
      json.writeStringField("nextAttempt", backOff.nextAttempt().toString());
    }
  }

  static void backup(JsonGenerator json, StoreCare.Backup backup) throws IOException {
    json.writeNumberField("id", backup.id());
    json.writeStringField("made", backup.made().toString());
    json.writeNumberField("bytes", backup.bytes());
    text(json, "reason", backup.reason());
  }

  static void grower(JsonGenerator json, Growth.Grower grower) throws IOException {
    owner(json, grower.owner());
    json.writeNumberField("bytes", grower.bytes());
    json.writeNumberField("overSeconds", grower.over().toSeconds());
  }

  static void slowCall(JsonGenerator json, SlowCalls.SlowCall call) throws IOException {
    json.writeStringField("ended", call.ended().toString());
    json.writeStringField("method", call.method());
    json.writeStringField("code", call.code());
    text(json, "key", call.key());
    json.writeNumberField("millis", call.elapsed().toMillis());
    json.writeNumberField("queuedMillis", call.queued().toMillis());
    json.writeNumberField("workedMillis", call.worked().toMillis());
    if (!call.where().isEmpty()) {
      json.writeStringField("where", call.where());
    }
  }

  private static void text(JsonGenerator json, String field, String value) throws IOException {
    json.writeStringField(field, shortened(value));
  }

  private static String shortened(String value) {
    return value.length() <= MOST_CHARACTERS ? value : value.substring(0, MOST_CHARACTERS) + "…";
  }
}
