package dev.fuselage.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  private final @Nullable Stored stored;

  // Read at the first question where they are stored; twice at worst, with the same result.
  private @Nullable Map<String, String> map;

  /** Labels in the form that a store keeps them in. */
  public interface Stored {
    /** A new map of them, none of whose values is empty. */
    Map<String, String> read();
  }

  private Labels(Map<String, String> map) {
    this.stored = null;
    this.map = map;
  }

  private Labels(Stored stored) {
    this.stored = stored;
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

  /** Labels as they were stored, checked long ago, which are not read before somebody asks. */
  public static Labels stored(Stored stored) {
    return new Labels(stored);
  }

  /** The form that they are stored in; empty where they come from elsewhere. */
  public Optional<Stored> stored() {
    return Optional.ofNullable(stored);
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
    return Optional.ofNullable(asMap().get(key));
  }

  /** Unmodifiable. */
  public Map<String, String> asMap() {
    Map<String, String> known = map;
    if (known == null) {
      known = Map.copyOf(Objects.requireNonNull(stored).read());
      map = known;
    }
    return known;
  }

  /** These labels with one more or another value; an empty value takes the label away. */
  public Labels with(String key, String value) {
    Map<String, String> changed = new HashMap<>(asMap());
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
    return other instanceof Labels labels && asMap().equals(labels.asMap());
  }

  @Override
  public int hashCode() {
    return asMap().hashCode();
  }

  @Override
  public String toString() {
    return asMap().toString();
  }
}
