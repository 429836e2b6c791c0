package dev.fuselage.snapshot;

import java.util.List;

/**
 * Which snapshots a listing is to hold, in the filter syntax of containerd (its {@code
 * pkg/filters}), answered as containerd answers it.
 *
 * <pre>
 *   filter   = selector { "," selector }               all of them must hold
 *   selector = path [ operator value ]                 without an operator: the field is present
 *   path     = part { "." part }
 *   part     = letters, digits and underscores | quoted by " "
 *   operator = "==" | "!=" | "~="                      the last takes a regular expression
 *   value    = anything up to white space or a comma, not beginning with . , / | " = ! ~
 *            | quoted by " ", after ~= by / / or | | too
 * </pre>
 *
 * White space may stand before a part, an operator and a value. Quoted text has Go's escapes and no
 * others, whatever quotes it; an escape may stand for a single byte, and text whose bytes are not
 * UTF-8 equals nothing. NUL and U+FFFD may stand nowhere.
 *
 * <p>Fields are {@code kind}, {@code name}, {@code parent} (always present, further parts of the
 * path are ignored) and {@code labels.<key>}, where the parts of the key are joined by dots again.
 * Any other field is absent. {@code ==} never holds for an absent field; for {@code !=} and {@code
 * ~=} an absent one is the empty text. A regular expression (RE2's syntax) may match anywhere in
 * the value; one that does not compile matches nothing.
 *
 * <p>Two things depend on versions of Unicode: which characters a bare value may hold is here said
 * by the JVM, in containerd by its Go; and of a regular expression's {@code \p{…}} those names are
 * known that RE2/J knows, as it spells them.
 */
@FunctionalInterface
public interface Filter {
  /** Holds for every snapshot. */
  Filter ALL = info -> true;

  /** Whether the filter holds for a snapshot. */
  boolean matches(Info info);

  /**
   * A filter that holds where at least one of those given does. None at all, and an empty one among
   * them, hold for every snapshot.
   *
   * @throws SnapshotException INVALID_ARGUMENT, if one does not parse, or its regular expression is
   *     larger than we evaluate
   */
  static Filter parse(List<String> filters) {
    if (filters.isEmpty()) {
      return ALL;
    }
    List<Filter> parsed = filters.stream().map(FilterParser::parse).toList();
    return parsed.size() == 1 ? parsed.getFirst() : anyOf(parsed);
  }

  private static Filter anyOf(List<Filter> filters) {
    return info -> {
      for (Filter filter : filters) {
        if (filter.matches(info)) {
          return true;
        }
      }
      return false;
    };
  }
}
