package dev.fuselage.owners;

import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.SnapshotException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The trees of a part of the root that can't be read: one is no reason to know nothing of the
 * others. Used by one thread.
 */
final class UnreadableTrees {
  /** For the names in the part itself; no name is like it. */
  static final String WHOLE = "/";

  /** At a time: where the whole disk fails there may be ten thousand. */
  private static final int MOST_LOGGED = 20;

  private final String part;
  private final Set<String> names = new HashSet<>();

  /**
   * @param part as the log is to call it
   */
  UnreadableTrees(String part) {
    this.part = part;
  }

  /**
   * What is read of a tree, or what was known of it before; the log is told once of each, as long
   * as they are few.
   */
  <T> T read(String name, T before, Supplier<T> reading) {
    try {
      T read = reading.get();
      names.remove(name);
      return read;
    } catch (SnapshotException e) {
      if (names.add(name) && names.size() <= MOST_LOGGED) {
        Ledger.LOG.warnf(
            "op=measure %s of %s can't be read, and counts as what it last took: %s",
            name.equals(WHOLE) ? "the names" : Quote.of(name), part, e.getMessage());
      }
      return before;
    }
  }

  boolean contains(String name) {
    return names.contains(name);
  }

  int count() {
    return names.size();
  }

  /** Forgets those that are not there any more. */
  void retain(Predicate<String> present) {
    names.removeIf(name -> !name.equals(WHOLE) && !present.test(name));
  }
}
