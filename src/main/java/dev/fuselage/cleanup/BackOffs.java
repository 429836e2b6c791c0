package dev.fuselage.cleanup;

import dev.fuselage.admin.Trash.BackOff;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which trees could not be deleted, why, and when they are tried again: later and later. */
final class BackOffs {
  private final Duration first;
  private final Duration last;
  private final Map<String, Delay> delays = new ConcurrentHashMap<>();

  /**
   * @param until on the clock of {@link System#nanoTime}
   */
  private record Delay(Duration length, long until, BackOff backOff) {
    boolean isOver() {
      return System.nanoTime() - until >= 0;
    }
  }

  /**
   * @param first after a tree could not be deleted; doubled each time it can't again
   * @param last the most that grows to
   */
  BackOffs(Duration first, Duration last) {
    this.first = first;
    this.last = last;
  }

  /** How long the tree is left alone from now on. */
  Duration postpone(String name, String reason) {
    return delays.compute(name, (_, before) -> next(before, reason)).length();
  }

  private Delay next(@Nullable Delay before, String reason) {
    Duration length = before == null ? first : before.length().multipliedBy(2);
    if (length.compareTo(last) > 0) {
      length = last;
    }
    int attempts = before == null ? 1 : before.backOff().attempts() + 1;
    return new Delay(
        length,
        System.nanoTime() + length.toNanos(),
        new BackOff(reason, attempts, Instant.now().plus(length)));
  }

  /** Whether the tree is still left alone. */
  boolean holds(String name) {
    Delay delay = delays.get(name);
    return delay != null && !delay.isOver();
  }

  /** Of a tree that could not be deleted at its last try; empty for any other. */
  Optional<BackOff> of(String name) {
    return Optional.ofNullable(delays.get(name)).map(Delay::backOff);
  }

  /** Forgets all trees but these. */
  void retain(Collection<String> names) {
    if (!delays.isEmpty()) {
      delays.keySet().retainAll(Set.copyOf(names));
    }
  }

  void forget(String name) {
    delays.remove(name);
  }

  /** How many trees could not be deleted at their last try. */
  int size() {
    return delays.size();
  }
}
