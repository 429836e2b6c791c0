package dev.fuselage.torture;

import dev.fuselage.snapshot.Kind;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All snapshots at one moment. A search makes and compares them by the million. */
final class State {
  static final State EMPTY = new State(new HashMap<>());

  private final Map<String, Entry> entries;
  private final int hash;

  /** The map must never change again. */
  private State(Map<String, Entry> entries) {
    this.entries = entries;
    this.hash = entries.hashCode();
  }

  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  Optional<Entry> find(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  boolean is(Kind kind, String key) {
    Entry entry = entries.get(key);
    return entry != null && entry.kind() == kind;
  }

  Set<String> childrenOf(String key) {
    Set<String> children = new HashSet<>();
    entries.forEach(
        (name, entry) -> {
          if (entry.parent().equals(key)) {
            children.add(name);
          }
        });
    return children;
  }

  boolean hasChildren(String key) {
    for (Entry entry : entries.values()) {
      if (entry.parent().equals(key)) {
        return true;
      }
    }
    return false;
  }

  State with(String key, Entry entry) {
    Map<String, Entry> after = new HashMap<>(entries);
    after.put(key, entry);
    return new State(after);
  }

  State without(String key) {
    Map<String, Entry> after = new HashMap<>(entries);
    after.remove(key);
    return new State(after);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof State state && hash == state.hash && entries.equals(state.entries);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return entries.toString();
  }
}
