package dev.fuselage.cleanup;

import dev.fuselage.admin.Trash;
import dev.fuselage.overlay.Reclaimer;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.TreeRemover;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Empties the trash in the background: at a pace that leaves the disk to others, or at full speed
 * while somebody waits for it. A tree that can't be deleted stays, is named in the log, and is
 * tried again later and later.
 */
public final class Reaper implements Reclaimer, Trash, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Reaper.class);
  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final long SLICE_NANOS = 20_000_000;
  private static final long REPORT_EVERY_NANOS = 250_000_000;

  private final Directory trash;
  private final Settings settings;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("reaper").factory());
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger inHurry = new AtomicInteger();
  private final Map<String, Delay> delays = new ConcurrentHashMap<>();
  private final LongAdder deletedEntries = new LongAdder();
  private volatile boolean closed;

  /**
   * How fast, and how patient.
   *
   * @param entriesPerSecond while nobody waits
   * @param drainLimit the longest that {@link #drain} takes
   * @param firstRetry after a tree could not be deleted; doubled each time it can't again
   * @param lastRetry the most that grows to
   */
  public record Settings(
      int entriesPerSecond, Duration drainLimit, Duration firstRetry, Duration lastRetry) {
    public Settings {
      if (entriesPerSecond < 1) {
        throw new IllegalArgumentException("a reaper deletes at least one entry a second");
      }
    }
  }

  public Reaper(Directory trash, Settings settings) {
    this.trash = trash;
    this.settings = settings;
  }

  @Override
  public void removed() {
    if (!closed && woken.compareAndSet(false, true)) {
      worker.execute(this::empty);
    }
  }

  @Override
  public Progress wake() {
    removed();
    Set<String> trees = new HashSet<>(names());
    return progress(trees, trees.size(), deletedEntries.sum());
  }

  @Override
  public List<Tree> list() {
    List<Tree> trees = new ArrayList<>();
    for (String name : names()) {
      try {
        trees.add(
            new Tree(
                name,
                Optional.empty(),
                trash.status(name).changed(),
                Optional.ofNullable(delays.get(name)).map(Delay::backOff)));
      } catch (PosixException e) {
        if (!e.is(Errno.ENOENT)) {
          throw unreadable(e);
        }
      }
    }
    trees.sort(Comparator.comparing(Tree::since));
    return trees;
  }

  private void empty() {
    woken.set(false);
    try {
      for (String name : trash.names()) {
        if (closed) {
          return;
        }
        if (!backingOff(name)) {
          delete(name);
        }
      }
    } catch (PosixException e) {
      LOG.errorf("op=reap cannot read the trash: %s", e.getMessage());
      wakeAfter(settings.firstRetry());
    } catch (CancellationException e) {
      LOG.debug("op=reap interrupted, goes on at the next start");
    }
  }

  private boolean backingOff(String name) {
    Delay delay = delays.get(name);
    return delay != null && System.nanoTime() - delay.until() < 0;
  }

  private void delete(String name) {
    Pacer pacer = new Pacer();
    try {
      TreeRemover.Outcome outcome = TreeRemover.remove(trash, name, pacer);
      if (outcome.failed() == 0) {
        delays.remove(name);
        LOG.debugf("op=reap id=%s entries=%d", name, outcome.entries());
      } else {
        postpone(name, outcome.failed() + " entries stay: " + outcome.failures());
      }
    } catch (PosixException e) {
      postpone(name, String.valueOf(e.getMessage()));
    }
  }

  private void postpone(String name, String reason) {
    Delay before = delays.get(name);
    Duration wait = before == null ? settings.firstRetry() : before.length().multipliedBy(2);
    if (wait.compareTo(settings.lastRetry()) > 0) {
      wait = settings.lastRetry();
    }
    int attempts = before == null ? 1 : before.backOff().attempts() + 1;
    delays.put(
        name,
        new Delay(
            wait,
            System.nanoTime() + wait.toNanos(),
            new BackOff(reason, attempts, Instant.now().plus(wait))));
    LOG.warnf("op=reap id=%s cannot be deleted, next try in %s: %s", name, wait, reason);
    wakeAfter(wait);
  }

  private void wakeAfter(Duration wait) {
    if (!closed) {
      var unused = worker.schedule(this::removed, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void drain(Call call) {
    long end = System.nanoTime() + settings.drainLimit().toNanos();
    var unused = empty(call, progress -> System.nanoTime() - end < 0);
  }

  @Override
  public Progress empty(Call call, Consumer<Progress> listener) {
    AtomicLong nextReport = new AtomicLong(System.nanoTime());
    return empty(
        call,
        progress -> {
          if (System.nanoTime() - nextReport.get() >= 0) {
            nextReport.set(System.nanoTime() + REPORT_EVERY_NANOS);
            listener.accept(progress);
          }
          return true;
        });
  }

  /**
   * @param patience asked now and then whether to go on waiting
   */
  private Progress empty(Call call, Predicate<Progress> patience) {
    Set<String> trees = new HashSet<>(names());
    int atFirst = trees.size();
    long entriesBefore = deletedEntries.sum();
    inHurry.incrementAndGet();
    try {
      removed();
      while (true) {
        Progress progress = progress(trees, atFirst, entriesBefore);
        if (closed
            || progress.treesLeft() == progress.treesPostponed()
            || !patience.test(progress)) {
          return progress;
        }
        call.check();
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        trees.retainAll(names());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return progress(trees, atFirst, entriesBefore);
    } finally {
      inHurry.decrementAndGet();
    }
  }

  private Progress progress(Set<String> trees, int atFirst, long entriesBefore) {
    return new Progress(
        trees.size(),
        atFirst - trees.size(),
        deletedEntries.sum() - entriesBefore,
        trees.stream().filter(this::backingOff).count());
  }

  private List<String> names() {
    try {
      return trash.names();
    } catch (PosixException e) {
      throw unreadable(e);
    }
  }

  private static SnapshotException unreadable(PosixException e) {
    return new SnapshotException(
        SnapshotException.Code.UNAVAILABLE, "cannot read the trash: " + e.getMessage(), e);
  }

  /** Stops at the next entry; what is left is deleted after the next start. Twice is harmless. */
  @Override
  public void close() {
    closed = true;
    worker.shutdownNow();
    try {
      if (!worker.awaitTermination(settings.drainLimit().toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("op=reap still busy, the disk may hang");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param until on the clock of {@link System#nanoTime}
   */
  private record Delay(Duration length, long until, BackOff backOff) {}

  /** Sleeps so that the entries of one tree go at the pace, unless somebody waits. */
  private final class Pacer implements TreeRemover.Pace {
    private long due = System.nanoTime();

    @Override
    public void removed(int entries) {
      deletedEntries.add(entries);
      due += entries * 1_000_000_000L / settings.entriesPerSecond();
      long now = System.nanoTime();
      // In slices, since who comes to wait, or closes, is not to wait for the pace.
      while (due > now && !closed && inHurry.get() == 0) {
        LockSupport.parkNanos(Math.min(due - now, SLICE_NANOS));
        now = System.nanoTime();
      }
      if (closed) {
        throw new CancellationException();
      }
      due = now;
    }
  }
}
