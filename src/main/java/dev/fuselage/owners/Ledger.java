package dev.fuselage.owners;

import dev.fuselage.admin.OverLimit;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Report;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.DiskSurvey;
import dev.fuselage.overlay.UsageCache;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Quote;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Knows who holds the disk: measures in the background, in rounds, and keeps the last report. The
 * pause after a round grows with the time that it took, so that even a large root costs little.
 */
public final class Ledger implements Owners, AutoCloseable {
  static final Logger LOG = Logger.getLogger(Ledger.class);

  /** Of a core, at most: a round of a second is followed by a pause of this many. */
  private static final long PAUSE_PER_WORK = 400;

  /** The same while there are snapshots that were never walked, so that totals are too small. */
  private static final long PAUSE_PER_FIRST_WORK = 10;

  private static final Duration LEAST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /** Of callers: less than what the commands give a call by default. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration TO_END = Duration.ofSeconds(10);

  private final MetadataStore store;
  private final DiskSurvey survey;
  private final Supplier<Optional<View>> views;
  private final Function<ContainerdKey, Optional<Boolean>> known;
  private final Settings settings;
  private final InstantSource clock;
  private final Measuring measuring;
  private final Map<SnapshotId, Instant> unclaimedSince = new HashMap<>();
  private final Set<String> overLimit = new HashSet<>();
  private final Set<SnapshotId> illegible = new HashSet<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private volatile Optional<Report> last = Optional.empty();
  private volatile Predicate<String> shrinking = _ -> false;
  private volatile boolean closed;
  private volatile boolean asked;
  private long rounds;

  /**
   * The budget, and what to make of what is found.
   *
   * @param interval between two rounds, at least
   * @param maxAge of a report that somebody asks for
   * @param entriesPerSecond of all walks in the background
   * @param activesARound at most so many active snapshots are walked
   * @param unclaimedAfter how long nobody must have needed a snapshot to call it unclaimed
   * @param largest how many snapshots are named in a report
   * @param defaultLimit of writable snapshots without a label, in bytes; 0 for none
   */
  public record Settings(
      Duration interval,
      Duration maxAge,
      int entriesPerSecond,
      int activesARound,
      Duration unclaimedAfter,
      int largest,
      long defaultLimit) {
    public Settings {
      if (!interval.isPositive() || entriesPerSecond < 1 || activesARound < 1 || largest < 1) {
        throw new IllegalArgumentException("with these settings nothing would ever be measured");
      }
    }
  }

  /**
   * Begins an interval from now on, or when somebody asks.
   *
   * @param views containerd's word, empty while it is not to be had
   * @param known whether containerd knows a snapshot now; empty while it does not answer
   */
  public Ledger(
      MetadataStore store,
      UsageCache usages,
      DiskSurvey survey,
      Supplier<Optional<View>> views,
      Function<ContainerdKey, Optional<Boolean>> known,
      Settings settings,
      InstantSource clock) {
    this.store = store;
    this.survey = survey;
    this.views = views;
    this.known = known;
    this.settings = settings;
    this.clock = clock;
    measuring =
        new Measuring(
            store, usages, survey, settings.activesARound(), name -> shrinking.test(name));
    thread = Thread.ofPlatform().daemon().name("owners").start(this::run);
  }

  /**
   * Has the trash measured as it shrinks.
   *
   * @param begun whether somebody has begun to delete the tree of this name: of all others one is
   *     measured again in a round
   */
  public void followTrash(Predicate<String> begun) {
    shrinking = begun;
  }

  /** The last report, however old; empty before the first. */
  public Optional<Report> last() {
    return last;
  }

  @Override
  public Report report(Call call) {
    Optional<Report> known = last;
    if (known.isPresent() && isYoung(known.get())) {
      return known.get();
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    lock.lock();
    try {
      long before = rounds;
      asked = true;
      changed.signalAll();
      while (rounds == before && !closed && System.nanoTime() - end < 0) {
        call.check();
        var unused = changed.await(50, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return last.orElseThrow(
        () ->
            new SnapshotException(
                SnapshotException.Code.UNAVAILABLE,
                "the disk is being measured for the first time: ask again in a while"));
  }

  private boolean isYoung(Report report) {
    return Duration.between(report.made(), clock.instant()).compareTo(settings.maxAge()) < 0;
  }

  private void run() {
    Duration pause = settings.interval();
    while (!closed) {
      boolean hurried = awaitTurn(pause);
      if (closed) {
        return;
      }
      long began = System.nanoTime();
      Pacer pacer = new Pacer(settings.entriesPerSecond(), () -> hurried || asked, () -> closed);
      boolean catchesUp = false;
      try {
        Report report = round(hurried, pacer);
        catchesUp = report.gaps().unmeasured() > 0;
        last = Optional.of(report);
        logLimits(report);
      } catch (CancellationException e) {
        return;
      } catch (SnapshotException e) {
        LOG.warnf("op=measure given up until the next round: %s", e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("op=measure given up until the next round", e);
      }
      Duration work = Duration.ofNanos(System.nanoTime() - began - pacer.slept());
      pause =
          catchesUp
              ? within(work.multipliedBy(PAUSE_PER_FIRST_WORK), LEAST_PAUSE)
              : within(work.multipliedBy(PAUSE_PER_WORK), settings.interval());
      announce();
    }
  }

  private static Duration within(Duration pause, Duration least) {
    Duration enough = pause.compareTo(least) < 0 ? least : pause;
    return enough.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : enough;
  }

  /** Whether somebody asked. */
  private boolean awaitTurn(Duration pause) {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (!asked && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      boolean hurried = asked;
      asked = false;
      return hurried;
    } catch (InterruptedException e) {
      closed = true;
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void announce() {
    lock.lock();
    try {
      rounds++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Report round(boolean hurried, Pacer pacer) {
    long began = System.nanoTime();
    Duration age = hurried ? settings.maxAge() : settings.interval();
    Map<SnapshotId, Node> nodes = measuring.snapshots(age, pacer);
    Optional<View> view = views.get();
    Reckoning reckoning =
        new Reckoning(
            nodes,
            view,
            unclaimedSince,
            new Reckoning.Settings(
                settings.unclaimedAfter(), settings.largest(), settings.defaultLimit()),
            clock.instant());
    reckoning.addSnapshots();
    logIllegibleLimits(nodes);
    measuring.orphans().values().forEach(usage -> reckoning.add(Owner.of(OwnerKind.ORPHAN), usage));
    measuring
        .trash(pacer)
        .values()
        .forEach(usage -> reckoning.add(Owner.of(OwnerKind.TRASH), usage));
    Map<Report.Part, Usage> own = measuring.own(pacer);
    own.values().forEach(usage -> reckoning.add(Owner.of(OwnerKind.FUSELAGE), usage));
    return new Report(
        clock.instant(),
        view.isPresent(),
        reckoning.holdings(),
        reckoning.kinds(),
        reckoning.largest(),
        reckoning.others(),
        reckoning.unclaimed(new Remedies(known)),
        reckoning.overLimit(),
        store.quarantine().size(),
        own,
        survey.fileSystem(),
        measuring.oldest(nodes),
        Duration.ofNanos(System.nanoTime() - began - pacer.slept()),
        measuring.gaps());
  }

  /** Once for each snapshot that goes over, not in every round. */
  private void logLimits(Report report) {
    Set<String> now = new HashSet<>();
    for (OverLimit over : report.overLimit()) {
      String key = over.snapshot().key();
      now.add(key);
      if (overLimit.add(key)) {
        LOG.warnf(
            "op=measure key=%s takes %d bytes, over its limit of %d",
            Quote.of(key), over.snapshot().usage().bytes(), over.limit());
      }
    }
    overLimit.retainAll(now);
  }

  /** Once for each snapshot, too. */
  private void logIllegibleLimits(Map<SnapshotId, Node> nodes) {
    illegible.retainAll(nodes.keySet());
    for (Node node : nodes.values()) {
      String label = node.illegibleLimit;
      if (label != null && illegible.add(node.id)) {
        LOG.warnf(
            "op=measure key=%s has no limit of its own: its label %s is %s, not a size such as 10G",
            Quote.of(node.key), Labels.MAX_SIZE, Quote.of(label));
      }
    }
  }

  /** Ends a round that is under way at its next step. Twice is harmless. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!thread.join(TO_END)) {
      LOG.warn("op=measure still busy, the disk may hang");
    }
  }
}
