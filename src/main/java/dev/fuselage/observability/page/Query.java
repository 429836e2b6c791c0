package dev.fuselage.observability.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a request asks for behind its question mark. Of a name that is given twice the last counts.
 */
record Query(Map<String, String> values) {
  Query {
    values = Map.copyOf(values);
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if it is not what a browser would write
   */
  static Query of(URI uri) {
    Map<String, String> values = new HashMap<>();
    String raw = uri.getRawQuery();
    if (raw != null && !raw.isEmpty()) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        values.put(URLDecoder.decode(name, UTF_8), URLDecoder.decode(value, UTF_8));
      }
    }
    return new Query(values);
  }

  /** Empty if it is not given. */
  Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** The row to go on with, 0 if none is given. */
  int cursor() {
    int cursor = Integer.parseInt(get("cursor").orElse("0"));
    if (cursor < 0) {
      throw new IllegalArgumentException("a cursor is not negative");
    }
    return cursor;
  }
}
