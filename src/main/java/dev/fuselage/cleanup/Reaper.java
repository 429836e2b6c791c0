package dev.fuselage.cleanup;

import dev.fuselage.overlay.Reclaimer;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.TreeRemover;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Empties the trash in the background: at a pace that leaves the disk to others, or at full speed
 * while somebody waits for it. A tree that can't be deleted stays, is named in the log, and is
 * tried again later and later.
 */
public final class Reaper implements Reclaimer, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Reaper.class);
  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final long SLICE_NANOS = 20_000_000;

  private final Directory trash;
  private final Settings settings;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("reaper").factory());
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger inHurry = new AtomicInteger();
  private final Map<String, BackOff> backOffs = new ConcurrentHashMap<>();
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
  public void wake() {
    if (!closed && woken.compareAndSet(false, true)) {
      worker.execute(this::empty);
    }
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
    BackOff backOff = backOffs.get(name);
    return backOff != null && System.nanoTime() - backOff.until() < 0;
  }

  private void delete(String name) {
    Pacer pacer = new Pacer();
    try {
      TreeRemover.Outcome outcome = TreeRemover.remove(trash, name, pacer);
      if (outcome.failed() == 0) {
        backOffs.remove(name);
        LOG.debugf("op=reap id=%s entries=%d", name, outcome.entries());
      } else {
        postpone(name, outcome.failed() + " entries stay: " + outcome.failures());
      }
    } catch (PosixException e) {
      postpone(name, String.valueOf(e.getMessage()));
    }
  }

  private void postpone(String name, String reason) {
    BackOff before = backOffs.get(name);
    Duration wait = before == null ? settings.firstRetry() : before.delay().multipliedBy(2);
    if (wait.compareTo(settings.lastRetry()) > 0) {
      wait = settings.lastRetry();
    }
    backOffs.put(name, new BackOff(wait, System.nanoTime() + wait.toNanos()));
    LOG.warnf("op=reap id=%s cannot be deleted, next try in %s: %s", name, wait, reason);
    wakeAfter(wait);
  }

  private void wakeAfter(Duration wait) {
    if (!closed) {
      var unused = worker.schedule(this::wake, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void drain(Call call) {
    long end = System.nanoTime() + settings.drainLimit().toNanos();
    Set<String> waitedFor = new HashSet<>(names());
    inHurry.incrementAndGet();
    try {
      wake();
      while (!closed && System.nanoTime() - end < 0) {
        waitedFor.retainAll(names());
        waitedFor.removeIf(this::backingOff);
        if (waitedFor.isEmpty()) {
          return;
        }
        call.check();
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      inHurry.decrementAndGet();
    }
  }

  private List<String> names() {
    try {
      return trash.names();
    } catch (PosixException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "cannot read the trash: " + e.getMessage(), e);
    }
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

  private record BackOff(Duration delay, long until) {}

  /** Sleeps so that the entries of one tree go at the pace, unless somebody waits. */
  private final class Pacer implements TreeRemover.Pace {
    private long due = System.nanoTime();

    @Override
    public void removed(int entries) {
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
