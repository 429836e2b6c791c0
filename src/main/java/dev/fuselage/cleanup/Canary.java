package dev.fuselage.cleanup;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Reserve;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Tries now and then whether a layer can be made: prepares an empty snapshot, commits it, looks at
 * it and removes it, by the way that every call takes, in the {@linkplain Reserve reserve}.
 */
public final class Canary {
  private static final Logger LOG = Logger.getLogger(Canary.class);

  private static final String KEY = Reserve.key("canary");
  private static final String NAME = Reserve.key("canary-layer");

  private final Snapshotter snapshotter;
  private final Settings settings;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private volatile Optional<Attempt> underWay = Optional.empty();
  private volatile Optional<Result> last = Optional.empty();
  private volatile Optional<Instant> lastSuccess = Optional.empty();
  private volatile long nextTry = Long.MIN_VALUE;

  /**
   * When it tries.
   *
   * @param every the time from a success to the next try; zero for none
   * @param limit how long a try may take
   * @param retry the time from a failure to the next try
   */
  public record Settings(Duration every, Duration limit, Duration retry) {
    public Settings {
      if (every.isNegative()) {
        throw new IllegalArgumentException(
            "fuselage.canary.every is a time such as 60s, or 0 for no canary");
      }
      if (!limit.isPositive()) {
        throw new IllegalArgumentException("fuselage.canary.limit is a time such as 10s");
      }
    }
  }

  /** Whether layers can be made, as far as is known. */
  public sealed interface Verdict {
    /** They can. */
    record Well(Duration took, Duration ago) implements Verdict {}

    /** They can't, or nobody tried yet. */
    record Ill(String why) implements Verdict {}

    /** Nobody is told to try. */
    record Unasked() implements Verdict {}
  }

  private record Attempt(long since, String step) {}

  private record Result(long at, Duration took, Optional<String> failure) {}

  public Canary(Snapshotter snapshotter, Settings settings, Clock clock, LongSupplier nanoTime) {
    this.snapshotter = snapshotter;
    this.settings = settings;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** What is known now; it waits for nothing. */
  public Verdict verdict() {
    if (settings.every().isZero()) {
      return new Verdict.Unasked();
    }
    Optional<Attempt> attempt = underWay;
    if (attempt.isPresent()) {
      Duration since = since(attempt.get().since());
      if (since.compareTo(settings.limit()) > 0) {
        return new Verdict.Ill(
            "%s of an empty snapshot has not ended for %d s"
                .formatted(attempt.get().step(), since.toSeconds()));
      }
    }
    return last.<Verdict>map(
            result ->
                result
                    .failure()
                    .<Verdict>map(Verdict.Ill::new)
                    .orElseGet(() -> new Verdict.Well(result.took(), since(result.at()))))
        .orElseGet(() -> new Verdict.Ill("no layer was made yet"));
  }

  /** When a layer was last made; empty if none was. */
  public Optional<Instant> lastSuccess() {
    return lastSuccess;
  }

  /** How long the last try took; zero before the first. */
  public Duration lastDuration() {
    return last.map(Result::took).orElse(Duration.ZERO);
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(nanoTime.getAsLong() - nanos);
  }

  /** Tries if it is time to. Called by one thread at a time. */
  public void tryIfDue() {
    if (!settings.every().isZero() && (last.isEmpty() || nanoTime.getAsLong() - nextTry >= 0)) {
      tryNow();
    }
  }

  /** Tries at the next call of {@link #tryIfDue}: something has changed. */
  public void soon() {
    nextTry = nanoTime.getAsLong();
  }

  private void tryNow() {
    long begun = nanoTime.getAsLong();
    Optional<String> failure = Optional.empty();
    try {
      make(begun);
    } catch (SnapshotException e) {
      failure =
          Optional.of(
              underWay.map(Attempt::step).orElse("Stat")
                  + " of an empty snapshot failed: "
                  + e.getMessage());
    }
    underWay = Optional.empty();
    Duration took = since(begun);
    if (failure.isEmpty() && took.compareTo(settings.limit()) > 0) {
      failure = Optional.of("to make an empty layer took %d s".formatted(took.toSeconds()));
    }
    if (failure.isEmpty()) {
      lastSuccess = Optional.of(clock.instant());
    }
    tell(failure);
    nextTry =
        nanoTime.getAsLong() + (failure.isEmpty() ? settings.every() : settings.retry()).toNanos();
    last = Optional.of(new Result(nanoTime.getAsLong(), took, failure));
  }

  /** Once when it begins to fail, and once when it is well again. */
  private void tell(Optional<String> failure) {
    boolean failedBefore = last.flatMap(Result::failure).isPresent();
    if (failure.isPresent() && !failedBefore) {
      LOG.warnf("op=canary %s", failure.get());
    } else if (failure.isEmpty() && failedBefore) {
      LOG.info("op=canary layers can be made again");
    }
  }

  private void make(long begun) {
    Call call =
        () -> {
          if (since(begun).compareTo(settings.limit()) > 0) {
            throw new SnapshotException(
                SnapshotException.Code.DEADLINE_EXCEEDED,
                "it took longer than " + settings.limit().toSeconds() + " s");
          }
        };
    step(begun, "Remove");
    removeIfThere(call, NAME);
    removeIfThere(call, KEY);
    step(begun, "Prepare");
    var unusedMounts = snapshotter.prepare(call, KEY, "", Labels.NONE);
    step(begun, "Commit");
    snapshotter.commit(call, NAME, KEY, Optional.empty(), Labels.NONE);
    step(begun, "Stat");
    var unusedInfo = snapshotter.stat(NAME);
    step(begun, "Remove");
    snapshotter.remove(call, NAME);
  }

  private void step(long begun, String step) {
    underWay = Optional.of(new Attempt(begun, step));
  }

  /** One of a process that ended in the middle. */
  private void removeIfThere(Call call, String key) {
    try {
      snapshotter.remove(call, key);
    } catch (SnapshotException e) {
      if (e.code() != SnapshotException.Code.NOT_FOUND) {
        throw e;
      }
    }
  }
}
