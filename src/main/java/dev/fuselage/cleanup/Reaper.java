package dev.fuselage.cleanup;

import dev.fuselage.admin.Trash;
import dev.fuselage.overlay.Reclaimer;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.TreeRemover;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Empties the trash in the background: at a pace that leaves the disk to others, or at full speed
 * while somebody waits for it or space is low. A tree that can't be deleted stays, is named in the
 * log, and is tried again later and later.
 */
public final class Reaper implements Reclaimer, Trash, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Reaper.class);
  private static final long LOOK_AGAIN_MILLIS = 20;

  /** How long removals gather while nobody waits, so that callers and reaper take turns. */
  private static final long GATHER_MILLIS = 100;

  private static final long REPORT_EVERY_NANOS = 250_000_000;
  private static final long IDLE_SECONDS = 30;

  private final Directory trash;
  private final Settings settings;
  private final ScheduledThreadPoolExecutor worker =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("reaper").factory());
  private final AtomicBoolean gathering = new AtomicBoolean();
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicInteger inHurry = new AtomicInteger();
  private final BackOffs backOffs;
  private final LowSpace lowSpace;
  private final Pacer pacer;

  /** What trees took when they were committed, as far as that is known. */
  private final Map<String, Usage> usages = new ConcurrentHashMap<>();

  /** The tree that is being deleted, until what that took is counted; empty while none is. */
  private final Set<String> underway = ConcurrentHashMap.newKeySet();

  private final LongAdder deletedEntries = new LongAdder();
  private final LongAdder deletedTrees = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final Object passLock = new Object();
  private long passesBegun;
  private long passesEnded;
  private final Backlog backlog = new Backlog();
  private final AtomicBoolean slowing = new AtomicBoolean();
  private volatile Optional<Instant> lastCleanup = Optional.empty();
  private volatile boolean hurried;
  private volatile boolean closed;

  /**
   * How fast, and how patient.
   *
   * @param entriesPerSecond while nobody waits
   * @param fullSpeedBelow percent of free space below which it goes at full speed; 0 for never
   * @param drainLimit the longest that {@link #drain} takes
   * @param firstRetry after a tree could not be deleted; doubled each time it can't again
   * @param lastRetry the most that grows to
   */
  public record Settings(
      int entriesPerSecond,
      int fullSpeedBelow,
      Duration drainLimit,
      Duration firstRetry,
      Duration lastRetry) {
    public Settings {
      if (entriesPerSecond < 1) {
        throw new IllegalArgumentException(
            "fuselage.reaper.entries-per-second is at least 1, or nothing would ever be deleted");
      }
      if (fullSpeedBelow < 0 || fullSpeedBelow > 100) {
        throw new IllegalArgumentException(
            "fuselage.reaper.full-speed-below is a percentage of free space, from 0 to 100");
      }
    }

    /** With the same pace however full the disk is. */
    public Settings(
        int entriesPerSecond, Duration drainLimit, Duration firstRetry, Duration lastRetry) {
      this(entriesPerSecond, 0, drainLimit, firstRetry, lastRetry);
    }
  }

  /** Makes way for others as the machine's disks demand. */
  public Reaper(Directory trash, Settings settings) {
    this(trash, settings, DiskPressure.ofMachine()::isHigh);
  }

  Reaper(Directory trash, Settings settings, BooleanSupplier pressure) {
    this.trash = trash;
    this.settings = settings;
    backOffs = new BackOffs(settings.firstRetry(), settings.lastRetry());
    lowSpace = new LowSpace(trash, settings.fullSpeedBelow());
    pacer =
        new Pacer(
            settings.entriesPerSecond(),
            () -> !backlog.isLarge() && pressure.getAsBoolean(),
            this::isInHurry,
            () -> closed);
    worker.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    worker.allowCoreThreadTimeOut(true);
  }

  @Override
  public void removed(SnapshotId id, Optional<Usage> usage) {
    usage.ifPresent(known -> usages.put(id.toString(), known));
    if (!closed && gathering.compareAndSet(false, true)) {
      var unused = worker.schedule(this::reap, GATHER_MILLIS, TimeUnit.MILLISECONDS);
    }
    backlog.added();
    int delay = backlog.delayMillis();
    if (delay > 0) {
      slowDown(delay);
    } else if (!backlog.isLarge()) {
      slowing.set(false);
    }
  }

  private void slowDown(int millis) {
    if (slowing.compareAndSet(false, true)) {
      LOG.warnf(
          "op=reap more than %d removed snapshots wait to be deleted: removals wait, too, until fewer do",
          Backlog.TOO_MANY);
    }
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void look() {
    if (!closed && looking.compareAndSet(false, true)) {
      worker.execute(this::reap);
    }
  }

  @Override
  public Progress wake() {
    look();
    List<String> trees = names();
    return new Progress(trees.size(), 0, 0, trees.stream().filter(backOffs::holds).count());
  }

  @Override
  public List<Tree> list() {
    List<Tree> trees = new ArrayList<>();
    for (String name : names()) {
      try {
        Instant since = trash.status(name).changed();
        trees.add(new Tree(name, Optional.ofNullable(usages.get(name)), since, backOffs.of(name)));
      } catch (PosixException e) {
        if (!e.is(Errno.ENOENT)) {
          throw unreadable(e);
        }
      }
    }
    trees.sort(Comparator.comparing(Tree::since));
    return trees;
  }

  /** Whether a tree may be less than it was: it is being deleted, or could not be, as a whole. */
  public boolean hasBegun(String name) {
    return underway.contains(name) || backOffs.of(name).isPresent();
  }

  private void reap() {
    gathering.set(false);
    looking.set(false);
    synchronized (passLock) {
      passesBegun++;
    }
    try {
      List<String> names = trash.names();
      backOffs.retain(names);
      // Those that can't be deleted are no reason to hold up anybody.
      backlog.found(names.size() - backOffs.size());
      for (String name : names) {
        if (closed) {
          return;
        }
        if (!backOffs.holds(name)) {
          delete(name);
        }
      }
    } catch (PosixException e) {
      LOG.errorf("op=reap cannot read the trash: %s", e.getMessage());
      lookAfter(settings.firstRetry());
    } catch (CancellationException e) {
      LOG.debug("op=reap interrupted, goes on at the next start");
    } finally {
      synchronized (passLock) {
        passesEnded++;
        passLock.notifyAll();
      }
    }
  }

  /** The pass through the trash that finds all that is there now. */
  private long nextPass() {
    synchronized (passLock) {
      return passesBegun + 1;
    }
  }

  /** Waits for the end of a pass, but not for long; whether it has ended. */
  private boolean awaitEnd(long pass) throws InterruptedException {
    synchronized (passLock) {
      if (passesEnded < pass) {
        passLock.wait(LOOK_AGAIN_MILLIS);
      }
      return passesEnded >= pass;
    }
  }

  private void delete(String name) {
    underway.add(name);
    try {
      TreeRemover.Outcome outcome =
          TreeRemover.remove(
              trash,
              name,
              entries -> {
                deletedEntries.add(entries);
                pacer.worked(entries);
              });
      if (outcome.failed() == 0) {
        deletedTrees.increment();
        backlog.deleted();
        backOffs.forget(name);
        usages.remove(name);
        LOG.debugf("op=reap id=%s entries=%d", name, outcome.entries());
      } else {
        postpone(name, outcome.failed() + " entries stay: " + outcome.failures());
      }
    } catch (PosixException e) {
      postpone(name, String.valueOf(e.getMessage()));
    } finally {
      underway.remove(name);
    }
  }

  /** Goes at full speed whoever waits, until it is told not to any more. */
  public void hurry(boolean now) {
    hurried = now;
  }

  private boolean isInHurry() {
    return hurried || inHurry.get() > 0 || lowSpace.isLow();
  }

  private void postpone(String name, String reason) {
    failures.increment();
    Duration wait = backOffs.postpone(name, reason);
    LOG.warnf("op=reap id=%s cannot be deleted, next try in %s: %s", name, wait, reason);
    lookAfter(wait);
  }

  private void lookAfter(Duration wait) {
    if (!closed) {
      var unused = worker.schedule(this::look, wait.toMillis(), TimeUnit.MILLISECONDS);
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
    long entriesBefore = deletedEntries.sum();
    long treesBefore = deletedTrees.sum();
    long pass = nextPass();
    List<String> trees = names();
    int atFirst = trees.size();
    boolean over = trees.stream().allMatch(backOffs::holds);
    inHurry.incrementAndGet();
    try {
      look();
      while (true) {
        Progress progress = progress(over, atFirst, treesBefore, entriesBefore);
        if (closed || over || !patience.test(progress)) {
          lastCleanup = Optional.of(Instant.now());
          return progress;
        }
        call.check();
        over = awaitEnd(pass) && !closed;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return progress(over, atFirst, treesBefore, entriesBefore);
    } finally {
      inHurry.decrementAndGet();
    }
  }

  /**
   * By counts, not by names: there may be very many.
   *
   * @param over whether each tree was tried, so that only those in back-off are left
   */
  private Progress progress(boolean over, int atFirst, long treesBefore, long entriesBefore) {
    long postponed = Math.min(backOffs.size(), atFirst);
    long left = atFirst - Math.min(deletedTrees.sum() - treesBefore, atFirst);
    left = over ? postponed : Math.max(left, postponed);
    return new Progress(left, atFirst - left, deletedEntries.sum() - entriesBefore, postponed);
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

  /** When it was last emptied because somebody asked; empty if nobody did since the start. */
  public Optional<Instant> lastCleanup() {
    return lastCleanup;
  }

  /** What became of all that was deleted since the start. */
  public Figures figures() {
    return new Figures(deletedEntries.sum(), deletedTrees.sum(), failures.sum(), backOffs.size());
  }

  /**
   * Counts since the start of the service.
   *
   * @param entries deleted, directories among them
   * @param trees deleted whole
   * @param failures times that a tree could not be deleted
   * @param stuck trees that could not be deleted at their last try
   */
  public record Figures(long entries, long trees, long failures, long stuck) {}

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
}
