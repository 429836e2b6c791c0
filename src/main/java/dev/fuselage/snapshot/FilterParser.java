package dev.fuselage.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads one filter; see {@link Filter} for the grammar. */
final class FilterParser {
  /** A field of a snapshot, empty where it is absent. */
  private interface Field {
    Optional<String> of(Info info);
  }

  private static final Field ABSENT = info -> Optional.empty();

  private final FilterText text;

  private FilterParser(String filter) {
    text = new FilterText(filter);
  }

  /**
   * The filter of a text; an empty one holds for every snapshot.
   *
   * @throws SnapshotException INVALID_ARGUMENT
   */
  static Filter parse(String filter) {
    return filter.isEmpty() ? Filter.ALL : new FilterParser(filter).readFilter();
  }

  private Filter readFilter() {
    List<Filter> selectors = new ArrayList<>();
    do {
      selectors.add(readSelector());
    } while (text.skip(','));
    if (text.peek() != FilterText.END) {
      throw text.invalid("a comma or the end was expected");
    }
    return selectors.size() == 1 ? selectors.getFirst() : allOf(List.copyOf(selectors));
  }

  private static Filter allOf(List<Filter> selectors) {
    return info -> {
      for (Filter selector : selectors) {
        if (!selector.matches(info)) {
          return false;
        }
      }
      return true;
    };
  }

  private Filter readSelector() {
    Field field = field(readPath());
    int next = text.peek();
    if (next == FilterText.END || next == ',') {
      return info -> field.of(info).isPresent();
    }
    text.skipSpace();
    String operator = text.takeWhile(FilterParser::isOperator);
    text.skipSpace();
    return switch (operator) {
      case "==" -> equal(field, readValue());
      case "!=" -> notEqual(field, readValue());
      case "~=" -> matching(field, readPattern());
      case "" -> throw text.invalid("one of == != ~= was expected");
      default -> throw text.invalid("there is no operator " + Quote.of(operator));
    };
  }

  private static Filter equal(Field field, Optional<String> value) {
    return info -> value.isPresent() && field.of(info).equals(value);
  }

  private static Filter notEqual(Field field, Optional<String> value) {
    return info -> value.isEmpty() || !field.of(info).orElse("").equals(value.get());
  }

  private Filter matching(Field field, Optional<String> pattern) {
    // Go compiles no expression whose bytes are not UTF-8.
    Predicate<String> expression =
        pattern.isEmpty() ? value -> false : RegularExpression.compile(pattern.get());
    return info -> expression.test(field.of(info).orElse(""));
  }

  /** The parts of a path, each empty where it is not UTF-8. */
  private List<Optional<String>> readPath() {
    List<Optional<String>> parts = new ArrayList<>();
    do {
      parts.add(readPart());
    } while (text.skip('.'));
    return parts;
  }

  private Optional<String> readPart() {
    text.skipSpace();
    if (text.peek() == '"') {
      return QuotedText.read(text);
    }
    String name = text.takeWhile(FilterParser::isOfName);
    if (name.isEmpty()) {
      throw text.invalid("a field or text quoted by \" was expected");
    }
    return Optional.of(name);
  }

  private Optional<String> readPattern() {
    return text.peek() == '/' || text.peek() == '|' ? QuotedText.read(text) : readValue();
  }

  private Optional<String> readValue() {
    int first = text.peek();
    if (first == '"') {
      return QuotedText.read(text);
    }
    if (first == FilterText.END || ".,/|=!~".indexOf(first) >= 0) {
      throw text.invalid("a value or quoted text was expected");
    }
    // The first character may be any other, even one that would end a value.
    return Optional.of(Character.toString(text.next()) + text.takeWhile(FilterParser::isOfValue));
  }

  private static Field field(List<Optional<String>> path) {
    return switch (path.getFirst().orElse("")) {
      case "kind" -> info -> Optional.of(info.kind().label());
      case "name" -> info -> Optional.of(info.name());
      case "parent" -> info -> Optional.of(info.parent());
      case "labels" -> label(path.subList(1, path.size()));
      default -> ABSENT;
    };
  }

  private static Field label(List<Optional<String>> parts) {
    if (parts.stream().anyMatch(Optional::isEmpty)) {
      return ABSENT;
    }
    String key = String.join(".", parts.stream().map(Optional::orElseThrow).toList());
    return info -> info.labels().get(key);
  }

  private static boolean isOperator(int character) {
    return character == '=' || character == '!' || character == '~';
  }

  private static boolean isOfName(int character) {
    return character < 0x80 && (Character.isLetterOrDigit(character) || character == '_');
  }

  private static boolean isOfValue(int character) {
    return character != ',' && !FilterText.isSpace(character) && isGraphic(character);
  }

  private static boolean isGraphic(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
