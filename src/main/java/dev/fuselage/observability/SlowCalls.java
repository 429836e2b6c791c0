package dev.fuselage.observability;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * The slowest calls of the last hour. Kept by spans of ten minutes, each with its slowest ones, so
 * that what is forgotten with its time makes no room that only later calls could fill.
 */
@Singleton
public final class SlowCalls {
  /** How many are told, and kept of each span. */
  public static final int MOST = 20;

  /** A quicker call is nothing to tell of. */
  private static final Duration SLOW = Duration.ofMillis(20);

  private static final Duration SPAN = Duration.ofMinutes(10);
  private static final int SPANS = 6;
  private static final int MOST_CHARACTERS = 200;

  private static final Comparator<SlowCall> BY_TIME =
      Comparator.comparing(SlowCall::elapsed).reversed();

  private final InstantSource clock;
  private final Deque<Span> spans = new ArrayDeque<>();

  private record Span(Instant begin, List<SlowCall> calls) {}

  /**
   * A call.
   *
   * @param queued how long it waited for a free thread
   * @param worked how long a thread was at it; the rest it waited for its client
   * @param where what its thread was last seen at, if it was at it for a second; else empty
   */
  public record SlowCall(
      Instant ended,
      String method,
      String code,
      String key,
      Duration elapsed,
      Duration queued,
      Duration worked,
      String where) {
    public SlowCall {
      key = shortened(key);
      where = shortened(where);
    }
  }

  @Inject
  SlowCalls() {
    this(InstantSource.system());
  }

  /** With a clock of one's own. */
  public SlowCalls(InstantSource clock) {
    this.clock = clock;
  }

  private static String shortened(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…";
  }

  /** Quick for a call that is. */
  public void ended(
      String method,
      String code,
      String key,
      Duration elapsed,
      Duration queued,
      Duration worked,
      String where) {
    if (elapsed.compareTo(SLOW) < 0) {
      return;
    }
    keep(new SlowCall(clock.instant(), method, code, key, elapsed, queued, worked, where));
  }

  private synchronized void keep(SlowCall call) {
    forget(call.ended());
    if (spans.isEmpty() || !spans.getLast().begin().plus(SPAN).isAfter(call.ended())) {
      spans.add(new Span(call.ended(), new ArrayList<>()));
    }
    List<SlowCall> calls = spans.getLast().calls();
    calls.add(call);
    calls.sort(BY_TIME);
    if (calls.size() > MOST) {
      calls.removeLast();
    }
  }

  private void forget(Instant now) {
    while (!spans.isEmpty()
        && (spans.size() > SPANS
            || spans.getFirst().begin().plus(SPAN.multipliedBy(SPANS + 1L)).isBefore(now))) {
      spans.removeFirst();
    }
  }

  /** Those of the last hour, the slowest first. */
  public synchronized List<SlowCall> list() {
    Instant now = clock.instant();
    forget(now);
    Instant oldest = now.minus(SPAN.multipliedBy(SPANS));
    return spans.stream()
        .flatMap(span -> span.calls().stream())
        .filter(call -> !call.ended().isBefore(oldest))
        .sorted(BY_TIME)
        .limit(MOST)
        .toList();
  }
}
