package dev.fuselage.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * What programs read: maps with an order, lists, strings, numbers and truths, as JSON or YAML in
 * pure ASCII. Both escape all else, so that a key can't act upon a terminal.
 */
final class Document {
  private Document() {}

  static Map<String, Object> of(Info info) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("key", info.name());
    document.put("kind", info.kind().label());
    document.put("parent", info.parent());
    document.put("created", info.created().toString());
    document.put("updated", info.updated().toString());
    document.put("labels", new TreeMap<>(info.labels().asMap()));
    return document;
  }

  static Map<String, Object> of(Usage usage) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("bytes", usage.bytes());
    document.put("inodes", usage.inodes());
    return document;
  }

  static Map<String, Object> of(Mount mount) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("type", mount.type());
    document.put("source", mount.source());
    document.put("options", mount.options());
    return document;
  }

  static void writeJson(Object document, Writer out) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.setHighestNonEscapedChar('~');
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.setPrettyPrinter(
          new DefaultPrettyPrinter()
              .withObjectIndenter(indenter)
              .withArrayIndenter(indenter)
              .withSeparators(
                  DefaultPrettyPrinter.DEFAULT_SEPARATORS.withObjectFieldValueSpacing(
                      Separators.Spacing.AFTER)));
      write(document, json);
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Object value, JsonGenerator json) throws IOException {
    switch (value) {
      case Map<?, ?> map -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          json.writeFieldName((String) entry.getKey());
          write(entry.getValue(), json);
        }
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        for (Object item : list) {
          write(item, json);
        }
        json.writeEndArray();
      }
      case Number number -> json.writeNumber(number.longValue());
      case Boolean truth -> json.writeBoolean(truth);
      default -> json.writeString(value.toString());
    }
  }

  static void writeYaml(Object document, Writer out) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setAllowUnicode(false);
    options.setNonPrintableStyle(DumperOptions.NonPrintableStyle.ESCAPE);
    options.setSplitLines(false);
    options.setIndicatorIndent(2);
    options.setIndentWithIndicator(true);
    options.setDereferenceAliases(true);
    new Yaml(options).dump(document, out);
  }
}
