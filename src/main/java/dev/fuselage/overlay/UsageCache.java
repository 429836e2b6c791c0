package dev.fuselage.overlay;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What active snapshots take, remembered for a while. Whoever asks while a walk is under way waits
 * for it and shares its result, so that any number of callers cost one walk.
 */
public final class UsageCache {
  /** How often one who waits for another's walk looks whether its own caller still waits. */
  private static final long LOOK_MILLIS = 50;

  private final Walk walk;
  private final long maxAgeNanos;
  private final LongSupplier nanoTime;
  private final Map<SnapshotId, Entry> entries = new ConcurrentHashMap<>();

  /** Adds up the tree of a snapshot. */
  @FunctionalInterface
  public interface Walk {
    /** What it takes now; empty if it is gone. */
    Optional<Usage> measure(SnapshotId id, Call call);
  }

  /**
   * What a walk found.
   *
   * @param began when, as {@link System#nanoTime} counts
   */
  public record Measured(Usage usage, long began) {}

  /**
   * Remembers nothing yet.
   *
   * @param maxAge of an answer, from the beginning of the walk on; zero makes every caller walk
   */
  public UsageCache(Walk walk, Duration maxAge, LongSupplier nanoTime) {
    if (maxAge.isNegative()) {
      throw new IllegalArgumentException("an answer is not younger than now: " + maxAge);
    }
    this.walk = walk;
    this.maxAgeNanos = maxAge.toNanos();
    this.nanoTime = nanoTime;
  }

  /** What a snapshot takes, no older than the cache allows; empty if it is gone. */
  public Optional<Usage> usage(SnapshotId id, Call call) {
    return usage(id, call, Duration.ofNanos(maxAgeNanos));
  }

  /** As {@link #usage(SnapshotId, Call)}, with an age of the caller's own. */
  public Optional<Usage> usage(SnapshotId id, Call call, Duration maxAge) {
    Entry entry = entries.computeIfAbsent(id, unused -> new Entry());
    if (!maxAge.isZero()) {
      Optional<Measured> known = entry.knownOrLead(call, maxAge.toNanos(), nanoTime);
      if (known.isPresent()) {
        return known.map(Measured::usage);
      }
    }
    return walk(id, entry, call, !maxAge.isZero());
  }

  private Optional<Usage> walk(SnapshotId id, Entry entry, Call call, boolean leads) {
    long began = nanoTime.getAsLong();
    Optional<Measured> found = Optional.empty();
    boolean failed = true;
    try {
      found = walk.measure(id, call).map(usage -> new Measured(usage, began));
      failed = false;
      return found.map(Measured::usage);
    } finally {
      // What it took stays known while it can't be read.
      if (found.isEmpty() && !(failed && entry.last().isPresent())) {
        entries.remove(id, entry);
      }
      entry.finish(found, leads);
    }
  }

  /** What the last walk found, however old; empty before the first one. */
  public Optional<Measured> last(SnapshotId id) {
    return Optional.ofNullable(entries.get(id)).flatMap(Entry::last);
  }

  /** A snapshot is gone, or has become a layer. */
  void forget(SnapshotId id) {
    entries.remove(id);
  }

  /** Forgets all but these. */
  public void retain(Set<SnapshotId> ids) {
    entries.keySet().retainAll(ids);
  }

  private static final class Entry {
    private @Nullable Measured last;
    private boolean walking;
    private long finished;

    /** Something young enough, or empty: then the caller is to walk for all. */
    synchronized Optional<Measured> knownOrLead(Call call, long maxAge, LongSupplier nanoTime) {
      long finishedBefore = finished;
      boolean interrupted = false;
      try {
        while (true) {
          Measured known = last;
          boolean young = known != null && nanoTime.getAsLong() - known.began() <= maxAge;
          // A walk that outlasts the age still serves those who waited for it.
          if (known != null && (young || finished != finishedBefore)) {
            return Optional.of(known);
          }
          if (!walking) {
            walking = true;
            return Optional.empty();
          }
          call.check();
          try {
            wait(LOOK_MILLIS);
          } catch (InterruptedException later) {
            interrupted = true;
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    synchronized Optional<Measured> last() {
      return Optional.ofNullable(last);
    }

    synchronized void finish(Optional<Measured> found, boolean led) {
      if (found.isPresent()) {
        last = found.get();
        finished++;
      }
      if (led) {
        walking = false;
      }
      notifyAll();
    }
  }
}
