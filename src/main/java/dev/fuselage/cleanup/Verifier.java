package dev.fuselage.cleanup;

import dev.fuselage.admin.Verification;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.posix.Directory;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Verifies a root while it is served, on schedule and when an operator asks. Where one was ended
 * before its time is remembered in the store, so that the next goes on there, even after another
 * start.
 */
public final class Verifier implements Verification, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Verifier.class);

  /** The highest id that was looked at by a verification that has not come to its end. */
  static final String POSITION = "verify-position";

  /** When one last came to its end, in seconds since 1970. */
  static final String COMPLETED = "verify-completed";

  private static final long ASK_AGAIN_MILLIS = 50;
  private static final long CLOSE_SECONDS = 10;

  private final MetadataStore store;
  private final VerificationRun.Parts parts;
  private final Settings settings;
  private final Clock clock;
  private final Semaphore turn = new Semaphore(1);
  private final AtomicBoolean asked = new AtomicBoolean();
  private final LongAdder damages = new LongAdder();
  private final LongAdder entries = new LongAdder();
  private volatile Optional<Instant> completed = Optional.empty();
  private volatile boolean closed;

  /**
   * How thorough, how fast and how often.
   *
   * @param contents whether verifications on schedule read what files hold
   * @param every between the end of one on schedule and the beginning of the next; zero for none
   */
  public record Settings(int entriesPerSecond, boolean contents, Duration every) {
    public Settings {
      if (entriesPerSecond < 1) {
        throw new IllegalArgumentException(
            "fuselage.verify.entries-per-second is at least 1, or nothing would ever be verified");
      }
      if (every.isNegative()) {
        throw new IllegalArgumentException(
            "fuselage.verify.every is a time such as 24h, or 0 to verify only when asked to");
      }
    }
  }

  /**
   * @param settled an id up to which no snapshot is being made, nor will be; empty while there is
   *     none
   */
  public Verifier(
      MetadataStore store,
      Directory snapshots,
      SnapshotDirectories directories,
      Supplier<Optional<SnapshotId>> settled,
      Settings settings,
      Clock clock) {
    this.store = store;
    this.settings = settings;
    this.clock = clock;
    this.parts =
        new VerificationRun.Parts(
            store,
            directories,
            new OrphanCheck(store, snapshots, directories, settled),
            new DirectoryCheck(snapshots),
            new LayerCheck(directories),
            new Quarantiner(store, directories.records(), "verify"));
  }

  @Override
  public Progress run(Request request, Call call, Listener listener) {
    if (!asked.compareAndSet(false, true)) {
      throw new SnapshotException(
          SnapshotException.Code.FAILED_PRECONDITION,
          "a verification that was asked for is under way: wait for its end");
    }
    try {
      while (!turn.tryAcquire(ASK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
        call.check();
      }
    } catch (InterruptedException e) {
      asked.set(false);
      Thread.currentThread().interrupt();
      throw new SnapshotException(SnapshotException.Code.CANCELLED, "interrupted", e);
    } catch (RuntimeException e) {
      asked.set(false);
      throw e;
    }
    try {
      return verify(request, call, listener);
    } finally {
      turn.release();
      asked.set(false);
    }
  }

  /** Verifies if it is time to, or if the last one was ended before its time. */
  public void runIfDue() {
    if (!isDue() || asked.get() || !turn.tryAcquire()) {
      return;
    }
    try {
      Progress progress =
          verify(
              new Request(settings.contents(), false, true),
              this::giveWay,
              new Listener() {
                @Override
                public void found(Finding finding) {}

                @Override
                public void progressed(Progress progress) {}
              });
      LOG.infof(
          "op=verify snapshots=%d entries=%d damages=%d notes=%d",
          progress.snapshots(), progress.entries(), progress.damages(), progress.notes());
    } catch (SnapshotException e) {
      LOG.infof("op=verify goes on later: %s", e.getMessage());
    } finally {
      turn.release();
    }
  }

  private boolean isDue() {
    if (closed || settings.every().isZero()) {
      return false;
    }
    try {
      return store.number(POSITION).orElse(0) > 0
          || lastCompleted()
              .map(last -> !last.plus(settings.every()).isAfter(clock.instant()))
              .orElse(true);
    } catch (SnapshotException e) {
      LOG.debugf("op=verify not while the store fails: %s", e.getMessage());
      return false;
    }
  }

  private void giveWay() {
    if (asked.get()) {
      throw new SnapshotException(
          SnapshotException.Code.CANCELLED, "an operator asks for a verification");
    }
  }

  private Progress verify(Request request, Call call, Listener listener) {
    Pacer pacer =
        new Pacer(
            settings.entriesPerSecond(),
            DiskPressure.ofMachine()::isHigh,
            () -> false,
            () -> closed);
    VerificationRun run = new VerificationRun(parts, request, call, listener, pacer);
    try {
      Progress progress = run.go();
      long now = clock.instant().getEpochSecond();
      Updates.run(store, transaction -> transaction.number(COMPLETED, now));
      completed = Optional.of(Instant.ofEpochSecond(now));
      return progress;
    } catch (CancellationException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "the service stops, the rest is verified later", e);
    } finally {
      damages.add(run.progress().damages());
      entries.add(run.progress().entries());
    }
  }

  /** When one last came to its end; empty if none did, or the store does not tell. */
  public Optional<Instant> lastCompleted() {
    if (completed.isEmpty()) {
      try {
        OptionalLong seconds = store.number(COMPLETED);
        if (seconds.isPresent()) {
          completed = Optional.of(Instant.ofEpochSecond(seconds.getAsLong()));
        }
      } catch (SnapshotException e) {
        LOG.debugf("op=verify the store does not tell when: %s", e.getMessage());
      }
    }
    return completed;
  }

  /** Findings that meant damage, since the start of the service. */
  public long damages() {
    return damages.sum();
  }

  /** Entries that were looked at, since the start of the service. */
  public long entries() {
    return entries.sum();
  }

  /** Ends what is under way at its next step, and waits some seconds for that. */
  @Override
  public void close() {
    closed = true;
    try {
      if (turn.tryAcquire(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        turn.release();
      } else {
        LOG.warn("op=verify still busy, the disk may hang");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
