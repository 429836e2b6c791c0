package dev.fuselage.cleanup;

import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.metadata.Backups;
import dev.fuselage.metadata.KeptStore;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.overlay.Root;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Takes care of a service's store, when asked to and, with backups, by the clock. */
public final class StoreKeeper implements StoreCare {
  private static final Logger LOG = Logger.getLogger(StoreKeeper.class);

  private static final Duration SHORTEST = Duration.ofMinutes(5);

  private final Root root;
  private final KeptStore store;
  private final Rebuild rebuild;
  private final Backups backups;
  private final Settings settings;
  private final Clock clock;

  /** When the youngest backup was made, as far as is known: to list them takes the disk. */
  private volatile Instant last = Instant.EPOCH;

  /**
   * Which backups to make and to keep.
   *
   * @param every the time from one to the next; empty for none but those that are asked for
   * @param keep how many at most
   * @param maxAge how old they may grow; the youngest stays whatever its age
   */
  public record Settings(Path directory, Optional<Duration> every, int keep, Duration maxAge) {
    public Settings {
      if (keep < 1) {
        throw new IllegalArgumentException(
            "fuselage.backup.keep is %d: keep at least one".formatted(keep));
      }
      if (every.isPresent() && every.get().compareTo(SHORTEST) < 0) {
        throw new IllegalArgumentException(
            "fuselage.backup.every is %s: make it at least 5m, or off".formatted(every.get()));
      }
    }
  }

  public StoreKeeper(Root root, KeptStore store, Rebuild rebuild, Settings settings, Clock clock) {
    this.root = root;
    this.store = store;
    this.rebuild = rebuild;
    this.settings = settings;
    this.clock = clock;
    backups = new Backups(settings.directory());
  }

  /**
   * Makes a backup, if the last one is old enough: by its time, so that restarts neither add
   * backups nor skip them.
   */
  public void backUpIfDue() {
    if (settings.every().isEmpty()) {
      return;
    }
    Instant due = clock.instant().minus(settings.every().get());
    try {
      if (last.isAfter(due)) {
        return;
      }
      List<Backup> all = backups.list();
      if (all.isEmpty() || !all.getLast().made().isAfter(due)) {
        Backup made = backups.create(store, "schedule");
        LOG.infof("op=backup id=%d bytes=%d", made.id(), made.bytes());
        last = made.made();
        prune();
      } else {
        last = all.getLast().made();
      }
    } catch (SnapshotException | IOException e) {
      LOG.warnf("op=backup failed, the next try is on schedule: %s", e.getMessage());
    }
  }

  /** Whether the store waits to be made again. */
  public boolean isDamaged() {
    return store.health() instanceof StoreHealth.Damaged;
  }

  /** Whether the store reads and writes. */
  public boolean isHealthy() {
    return store.health() instanceof StoreHealth.Healthy;
  }

  /** When the youngest backup was made, as far as is known without a look at the disk. */
  public Optional<Instant> lastBackup() {
    return Optional.of(last).filter(made -> !made.equals(Instant.EPOCH));
  }

  /** How often a backup is made; empty for only when asked to. */
  public Optional<Duration> backupInterval() {
    return settings.every();
  }

  @Override
  public Backup backUp() {
    Backup made = unavailable(() -> backups.create(store, "command"));
    last = made.made();
    return made;
  }

  @Override
  public List<Backup> backups() {
    return backups.list();
  }

  @Override
  public long verify(int backup, Call call, Consumer<Progress> progress) {
    Path scratch = root.path().resolve("store.verify");
    return unavailable(() -> backups.verify(backup, scratch, new StoreWork(call, progress)));
  }

  @Override
  public List<Integer> prune() {
    return backups.prune(settings.keep(), settings.maxAge(), clock.instant());
  }

  @Override
  public RebuildReport rebuild(Path meant, Call call, Consumer<Progress> progress) {
    checkRoot(meant);
    StoreWork work = new StoreWork(call, progress);
    return unavailable(() -> logged("rebuild", store.repair(() -> rebuild.run(work))));
  }

  @Override
  public RebuildReport restore(
      Path meant, OptionalInt backup, Call call, Consumer<Progress> progress) {
    checkRoot(meant);
    StoreWork work = new StoreWork(call, progress);
    int id = backup.orElseGet(() -> youngest(backups));
    return unavailable(
        () ->
            logged(
                "restore",
                store.repair(
                    () -> rebuild.run(directory -> backups.restore(id, directory, work), work))));
  }

  static int youngest(Backups backups) {
    List<Backup> all = backups.list();
    if (all.isEmpty()) {
      throw new SnapshotException(
          SnapshotException.Code.NOT_FOUND, "there is no backup to restore");
    }
    return all.getLast().id();
  }

  private void checkRoot(Path meant) {
    if (!meant.equals(root.path())) {
      throw SnapshotException.failedPrecondition(
          "this service serves %s, not %s", root.path(), meant);
    }
  }

  private static RebuildReport logged(String operation, RebuildReport report) {
    report.sentences().forEach(sentence -> LOG.warnf("op=%s %s", operation, sentence));
    return report;
  }

  @Override
  public void compact() {
    store.compact();
  }

  private static <T> T unavailable(KeptStore.Repair<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }
}
