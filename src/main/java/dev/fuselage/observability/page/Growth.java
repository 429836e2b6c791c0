package dev.fuselage.observability.page;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the disk filled in the last hour: a sample of sums a minute, and of those who write most
 * every ten. Of fixed size, whatever the node holds.
 */
public final class Growth {
  private static final Duration KEPT = Duration.ofHours(1);
  private static final Duration A_SAMPLE = Duration.ofSeconds(55);
  private static final Duration A_ROLL = Duration.ofMinutes(10);

  /** Who is not among them at one time, and is at another, has grown into them. */
  private static final int MOST_WRITERS = 50;

  private static final int MOST_TOLD = 10;

  private final Supplier<Optional<Report>> last;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Deque<Roll> rolls = new ArrayDeque<>();

  /**
   * The sums at one time.
   *
   * @param kinds bytes of each kind of owner, in the order of {@link OwnerKind}
   */
  record Sample(Instant at, long bytes, long freeBytes, List<Long> kinds) {
    long of(OwnerKind kind) {
      return kinds.get(kind.ordinal());
    }
  }

  /**
   * The largest writers at one time.
   *
   * @param least bytes of the smallest of them; 0 if these are all
   */
  private record Roll(Instant at, Map<Owner, Long> writers, long least) {}

  /**
   * Who has grown.
   *
   * @param bytes by which, at least
   * @param over which time
   */
  record Grower(Owner owner, long bytes, Duration over) {}

  /**
   * @param last the last report; empty before the first
   */
  public Growth(Supplier<Optional<Report>> last) {
    this.last = last;
  }

  /** Looks whether there is a new report. To be called every minute. */
  public synchronized void sample() {
    Optional<Report> report = last.get();
    if (report.isEmpty() || !isDue(samples.peekLast(), report.get().made())) {
      return;
    }
    Instant made = report.get().made();
    samples.add(sum(report.get()));
    while (samples.getFirst().at().plus(KEPT).isBefore(made)) {
      samples.removeFirst();
    }
    if (rolls.isEmpty() || !rolls.getLast().at().plus(A_ROLL).isAfter(made)) {
      rolls.add(roll(report.get()));
    }
    while (rolls.getFirst().at().plus(KEPT).isBefore(made)) {
      rolls.removeFirst();
    }
  }

  private static boolean isDue(@Nullable Sample before, Instant made) {
    return before == null || before.at().plus(A_SAMPLE).isBefore(made);
  }

  private static Sample sum(Report report) {
    long[] kinds = new long[OwnerKind.values().length];
    for (Holding holding : report.holdings()) {
      kinds[holding.owner().kind().ordinal()] += holding.usage().bytes();
    }
    List<Long> boxed = new ArrayList<>(kinds.length);
    for (long bytes : kinds) {
      boxed.add(bytes);
    }
    return new Sample(
        report.made(), report.total().bytes(), report.fileSystem().freeBytes(), boxed);
  }

  private static Roll roll(Report report) {
    Map<Owner, Long> writers = HashMap.newHashMap(MOST_WRITERS);
    long least = 0;
    for (Holding holding : report.holdings()) {
      if (isWriter(holding)) {
        if (writers.size() == MOST_WRITERS) {
          least = holding.usage().bytes();
          break;
        }
        writers.put(holding.owner(), holding.usage().bytes());
      }
    }
    return new Roll(report.made(), Map.copyOf(writers), least);
  }

  private static boolean isWriter(Holding holding) {
    return switch (holding.owner().kind()) {
      case POD, CONTAINER -> true;
      case IMAGE, UNPACKING, UNCLAIMED, PENDING, UNKNOWN, ORPHAN, TRASH, FUSELAGE -> false;
    };
  }

  /** A sample a minute at most, oldest first, of the last hour. */
  synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Who has grown since the oldest roll, fastest first. */
  synchronized List<Grower> growers() {
    Optional<Report> now = last.get();
    Roll first = rolls.peekFirst();
    if (now.isEmpty() || first == null) {
      return List.of();
    }
    List<Grower> growers = new ArrayList<>();
    Duration over = Duration.between(first.at(), now.get().made());
    for (Holding holding : now.get().holdings()) {
      if (isWriter(holding)) {
        long before = first.writers().getOrDefault(holding.owner(), first.least());
        long grown = holding.usage().bytes() - before;
        if (grown > 0) {
          growers.add(new Grower(holding.owner(), grown, over));
        }
      }
    }
    growers.sort(Comparator.comparingLong(Grower::bytes).reversed());
    return growers.size() <= MOST_TOLD ? growers : List.copyOf(growers.subList(0, MOST_TOLD));
  }
}
