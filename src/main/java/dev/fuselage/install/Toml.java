package dev.fuselage.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** TOML text as a tree, and back: tables as sections, for people to read. */
final class Toml {
  private static final TomlMapper MAPPER = new TomlMapper();
  private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]+");

  private Toml() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it can't be read, or is no TOML
   */
  static ObjectNode read(Path file) throws IOException {
    return MAPPER.readValue(Files.readString(file), ObjectNode.class);
  }

  static ObjectNode table() {
    return MAPPER.createObjectNode();
  }

  static String text(ObjectNode table) {
    StringBuilder text = new StringBuilder();
    write(text, List.of(), table);
    return text.toString().strip() + "\n";
  }

  /** Values first: what comes after a table's head belongs to that table. */
  private static void write(StringBuilder text, List<String> path, ObjectNode table) {
    table
        .properties()
        .forEach(
            entry -> {
              if (!isTable(entry.getValue()) && !isTables(entry.getValue())) {
                text.append(key(entry.getKey())).append(" = ").append(value(entry.getValue()));
                text.append('\n');
              }
            });
    table
        .properties()
        .forEach(
            entry -> {
              List<String> below = new ArrayList<>(path);
              below.add(entry.getKey());
              if (entry.getValue() instanceof ObjectNode inner) {
                section(text, "[", below, "]", inner);
              } else if (isTables(entry.getValue())) {
                entry
                    .getValue()
                    .forEach(element -> section(text, "[[", below, "]]", (ObjectNode) element));
              }
            });
  }

  private static void section(
      StringBuilder text, String open, List<String> path, String close, ObjectNode table) {
    boolean needsHead =
        table.isEmpty()
            || open.equals("[[")
            || table.valueStream().anyMatch(value -> !isTable(value) && !isTables(value));
    if (needsHead) {
      text.append('\n').append(open).append(path(path)).append(close).append('\n');
    }
    write(text, path, table);
  }

  private static boolean isTable(JsonNode value) {
    return value instanceof ObjectNode;
  }

  private static boolean isTables(JsonNode value) {
    return value instanceof ArrayNode array
        && !array.isEmpty()
        && array.valueStream().allMatch(Toml::isTable);
  }

  /** Keys from the top, as they stand in the head of a table. */
  static String path(List<String> keys) {
    return String.join(".", keys.stream().map(Toml::key).toList());
  }

  private static String key(String key) {
    return BARE.matcher(key).matches() ? key : string(key);
  }

  /** JSON's texts, numbers, truth values and lists of them are TOML's, too. */
  private static String value(JsonNode value) {
    return value.toString();
  }

  private static String string(String text) {
    return MAPPER.getNodeFactory().textNode(text).toString();
  }
}
