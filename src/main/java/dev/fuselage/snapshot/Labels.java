package dev.fuselage.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The labels of a snapshot. An empty value means "absent", as containerd has it, so none is ever
 * stored.
 */
public final class Labels {
  /** The most that containerd allows of a key and its value together, in bytes of UTF-8. */
  public static final int MOST_BYTES = 4096;

  /** Maps container ids to host ids: {@code containerID:hostID:size}, several joined by a comma. */
  public static final String UID_MAPPING = "containerd.io/snapshot/uidmapping";

  /** As {@link #UID_MAPPING}, for groups. */
  public static final String GID_MAPPING = "containerd.io/snapshot/gidmapping";

  /** A hint at the most bytes a writable layer should take. */
  public static final String MAX_SIZE = "containerd.io/snapshot/max-size";

  /** Written into answers, where configured: the directory that takes a snapshot's writes. */
  public static final String UPPER_DIRECTORY = "containerd.io/snapshot/overlay.upperdir";

  /** No label at all. */
  public static final Labels NONE = new Labels(Map.of());

  private final Map<String, String> map;

  private Labels(Map<String, String> map) {
    this.map = map;
  }

  /**
   * Labels as a client sent them.
   *
   * @throws SnapshotException INVALID_ARGUMENT, if one has no key, is over {@link #MOST_BYTES}, or
   *     is a mapping that is none
   */
  public static Labels of(Map<String, String> sent) {
    if (sent.isEmpty()) {
      return NONE;
    }
    Map<String, String> kept = HashMap.newHashMap(sent.size());
    sent.forEach(
        (key, value) -> {
          check(key, value);
          if (!value.isEmpty()) {
            kept.put(key, value);
          }
        });
    return kept.isEmpty() ? NONE : new Labels(Map.copyOf(kept));
  }

  /** Labels as they were stored, checked long ago; the map must never change. */
  public static Labels stored(Map<String, String> map) {
    return map.isEmpty() ? NONE : new Labels(map);
  }

  private static void check(String key, String value) {
    if (key.isEmpty()) {
      throw SnapshotException.invalidArgument("a label has no key");
    }
    long bytes = (long) utf8Length(key) + utf8Length(value);
    if (bytes > MOST_BYTES) {
      throw SnapshotException.invalidArgument(
          "label %s takes %d bytes with its value, at most %d are allowed",
          Quote.of(key), bytes, MOST_BYTES);
    }
    if (key.equals(UID_MAPPING) || key.equals(GID_MAPPING)) {
      IdMapping.check(key, value);
    }
  }

  /** Exact, or for a text of more characters than {@link #MOST_BYTES} a lower bound. */
  static int utf8Length(String text) {
    return text.length() > MOST_BYTES
        ? text.length()
        : text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** A label's value, which is never empty text; empty if the label is absent. */
  public Optional<String> get(String key) {
    return Optional.ofNullable(map.get(key));
  }

  /** Unmodifiable. */
  public Map<String, String> asMap() {
    return map;
  }

  /** These labels with one more or another value; an empty value takes the label away. */
  public Labels with(String key, String value) {
    Map<String, String> changed = new HashMap<>(map);
    if (value.isEmpty()) {
      changed.remove(key);
    } else {
      check(key, value);
      changed.put(key, value);
    }
    return changed.isEmpty() ? NONE : new Labels(Map.copyOf(changed));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Labels labels && map.equals(labels.map);
  }

  @Override
  public int hashCode() {
    return map.hashCode();
  }

  @Override
  public String toString() {
    return map.toString();
  }
}
