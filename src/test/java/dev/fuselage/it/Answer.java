package dev.fuselage.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a command or the node page said, in JSON. */
record Answer(JsonNode json) {
  /** What a command says when it is told to say it in JSON. */
  static Answer of(Installation fuselage, String... command) {
    String[] line = Arrays.copyOf(command, command.length + 2);
    line[command.length] = "-o";
    line[command.length + 1] = "json";
    return parse(fuselage.run(line).succeeded().out());
  }

  /** What lies at an address. */
  static Answer of(URI address) throws Exception {
    return parse(Scrape.get(address));
  }

  private static Answer parse(String text) {
    try {
      return new Answer(new ObjectMapper().readTree(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A part of it. */
  Answer at(String pointer) {
    return new Answer(json.at(pointer));
  }

  /** The elements of what is a list. */
  List<JsonNode> rows() {
    List<JsonNode> rows = new ArrayList<>();
    json.forEach(rows::add);
    return rows;
  }

  /** Whether a list has a row with this name. */
  boolean has(String field, String value) {
    return find(field, value).isPresent();
  }

  /** The row of a list that has this name. */
  JsonNode row(String field, String value) {
    return find(field, value).orElseThrow(() -> new AssertionError("no " + value + " in " + json));
  }

  /** By its whole name; a snapshot also by what containerd calls it. */
  private Optional<JsonNode> find(String field, String value) {
    return rows().stream()
        .filter(
            row -> {
              String name = row.path(field).asText();
              return name.equals(value) || name.endsWith("/" + value);
            })
        .findFirst();
  }
}
