package dev.fuselage.kubernetes.maintenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Typed looks into an object as the API server sends it. */
record Fields(Map<String, Object> values) {
  private Optional<Object> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  Optional<String> text(String name) {
    return value(name).map(String::valueOf);
  }

  Optional<Integer> number(String name) {
    return value(name).filter(Number.class::isInstance).map(found -> ((Number) found).intValue());
  }

  boolean flag(String name) {
    return value(name).filter(Boolean.TRUE::equals).isPresent();
  }

  Optional<Instant> time(String name) {
    return text(name).map(Instant::parse);
  }

  /** Without any value if there is no such field. */
  Fields in(String name) {
    return new Fields(value(name).map(Fields::map).orElse(Map.of()));
  }

  boolean has(String name) {
    return value(name).isPresent();
  }

  List<Fields> all(String name) {
    return list(name).stream().map(item -> new Fields(map(item))).toList();
  }

  List<String> texts(String name) {
    return list(name).stream().map(String::valueOf).toList();
  }

  private List<?> list(String name) {
    return value(name)
        .filter(List.class::isInstance)
        .map(found -> (List<?>) found)
        .orElse(List.of());
  }

  @SuppressWarnings("unchecked") // Jackson makes no other maps.
  private static Map<String, Object> map(Object value) {
    return value instanceof Map<?, ?> found ? (Map<String, Object>) found : Map.of();
  }

  /** As Kubernetes writes times. */
  static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
