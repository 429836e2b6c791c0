package dev.fuselage;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.cleanup.Canary;
import dev.fuselage.cleanup.Reaper;
import dev.fuselage.cleanup.Reconciler;
import dev.fuselage.cleanup.Schedule;
import dev.fuselage.cleanup.StoreKeeper;
import dev.fuselage.cleanup.StoredQuarantine;
import dev.fuselage.cleanup.Verifier;
import dev.fuselage.grpc.CallUnderWay;
import dev.fuselage.grpc.Heartbeat;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.observability.UpkeepMetrics;
import dev.fuselage.observability.page.Remembered;
import dev.fuselage.overlay.Reclaimer;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SpaceGuard;
import dev.fuselage.owners.QuarantineUses;
import dev.fuselage.snapshot.SnapshotId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * All that keeps a root in order beside the calls, wired: the reaper, reconciliation, verification
 * and their schedule; and what operators may ask of them.
 */
final class Housekeeping implements Administration, AutoCloseable {
  private static final String CANARY = "canary";
  private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
  private static final Duration LAST_RETRY = Duration.ofMinutes(10);
  private static final Duration BACKUP_LOOK = Duration.ofMinutes(5);
  private static final Duration VERIFY_LOOK = Duration.ofMinutes(10);
  private static final Duration INSTALL_LOOK = Duration.ofMinutes(1);
  private static final Duration BEAT = Duration.ofSeconds(5);
  private static final Duration CANARY_LOOK = Duration.ofSeconds(5);
  private static final Duration METRIC_AGE = Duration.ofSeconds(1);
  private static final Duration FINDINGS_LOOK = Duration.ofSeconds(5);

  private final Schedule schedule = new Schedule();
  private final StoreKeeper keeper;
  private final Owners owners;
  private final Quarantine usedQuarantine;
  private final Duration stuckAfter;
  private final Reaper reaper;
  private final Reconciliation reconciliation;
  private final Verifier verifier;
  private final StoredQuarantine quarantine;
  private volatile Supplier<Optional<SnapshotId>> settled = Optional::empty;
  private volatile boolean cordoned;

  Housekeeping(
      FuselageConfig config,
      Root root,
      MetadataStore store,
      SnapshotDirectories directories,
      SpaceGuard space,
      StoreKeeper keeper,
      Bookkeeping bookkeeping) {
    this.keeper = keeper;
    owners = bookkeeping.ledger();
    stuckAfter = config.watchdog().stuckAfter();
    if (!stuckAfter.isPositive()) {
      throw new IllegalArgumentException(
          "fuselage.watchdog.stuck-after is a time such as 60s, longer than any call should take");
    }
    reaper = new Reaper(root.trash(), settings(config.reaper()));
    reconciliation =
        new Reconciliation(
            new Reconciler(store, root.snapshots(), directories),
            schedule,
            config.reconcile().every(),
            () -> {
              // Of a damaged store nobody knows yet what its repair will miss.
              if (!keeper.isDamaged()) {
                reaper.look();
              }
              space.keepReserve();
            });
    verifier =
        new Verifier(
            store,
            root.snapshots(),
            directories,
            () -> settled.get(),
            settings(config.verify()),
            Clock.systemUTC());
    quarantine = new StoredQuarantine(store, directories.records());
    usedQuarantine = new QuarantineUses(quarantine, bookkeeping::view);
  }

  private static Reaper.Settings settings(FuselageConfig.Reaper config) {
    return new Reaper.Settings(
        config.entriesPerSecond(),
        config.fullSpeedBelow(),
        config.cleanupLimit(),
        FIRST_RETRY,
        LAST_RETRY);
  }

  private static Verifier.Settings settings(FuselageConfig.Verify config) {
    return new Verifier.Settings(config.entriesPerSecond(), config.contents(), config.every());
  }

  @Override
  public Owners owners() {
    return owners;
  }

  Reclaimer reclaimer() {
    return reaper;
  }

  /** Whether it has begun to delete the tree of this name in the trash. */
  boolean isReaping(String tree) {
    return reaper.hasBegun(tree);
  }

  /**
   * Begins, while calls are served.
   *
   * @param atStart the last id that no call can have been given; empty if the store does not tell,
   *     so that there is nothing to reconcile with at the start
   * @param settled such an id as it is later; empty while there is none
   */
  void begin(Optional<SnapshotId> atStart, Supplier<Optional<SnapshotId>> settled) {
    this.settled = settled;
    reconciliation.begin(atStart, settled);
    // Whether it is time is looked at more often, for what was ended before its time.
    schedule.every(VERIFY_LOOK, VERIFY_LOOK, "verify", this::verifyIfDue);
    schedule.every(BACKUP_LOOK, BACKUP_LOOK, "backup", keeper::backUpIfDue);
  }

  private void verifyIfDue() {
    if (!cordoned) {
      verifier.runIfDue();
    }
  }

  /**
   * Hears whether the node gets no new pods. Then what its pods leave behind is deleted as fast as
   * it can be, and no verification begins by itself: somebody waits for the node.
   */
  void cordoned(boolean now) {
    cordoned = now;
    reaper.hurry(now);
  }

  /**
   * Reconciles beside the calls, after the store was opened again: what failed with it may have
   * left directories behind, and one that was made anew knows only what lay beside the layers.
   */
  void reconcileNow() {
    reconciliation.runNow();
  }

  /** Has what is in the trash deleted, before the first reconciliation that would do it too. */
  void emptyTrash() {
    reaper.look();
  }

  /** Has our part of containerd's configuration looked after. */
  void keepInstalled(DropInUpkeep dropIn) {
    schedule.every(Duration.ZERO, INSTALL_LOOK, "install", dropIn);
  }

  /** Has the threads that serve connections asked whether they turn. */
  void listen(Heartbeat heartbeat) {
    schedule.tick(BEAT, heartbeat::beat);
  }

  /** Has a canary try whether layers can be made, now and then. */
  void send(Canary canary) {
    schedule.every(Duration.ZERO, CANARY_LOOK, CANARY, canary::tryIfDue);
  }

  /** Has it try at once, since what it found before may be over. */
  void sendNow(Canary canary) {
    canary.soon();
    schedule.every(Duration.ZERO, Duration.ZERO, CANARY, canary::tryIfDue);
  }

  /**
   * Has the service be not ready while calls do not end.
   *
   * @param stuckFor the calls that have been at it for so long
   */
  void watch(Function<Duration, List<CallUnderWay>> stuckFor, ServiceState state) {
    schedule.tick(Watchdog.period(stuckAfter), new Watchdog(stuckFor, stuckAfter, state));
  }

  /** Has something done again and again, until this is closed. */
  void tick(Duration period, Runnable quick) {
    schedule.tick(period, quick);
  }

  void tell(UpkeepMetrics metrics) {
    metrics.watchTrash(remembered(this::backlog));
    metrics.watchReaper(
        () -> reaper.figures().entries(),
        () -> reaper.figures().trees(),
        () -> reaper.figures().failures(),
        () -> reaper.figures().stuck());
    metrics.watchVerification(
        verifier::entries, verifier::damages, remembered(verifier::lastCompleted));
    metrics.watchQuarantine(remembered(quarantine::size)::get);
    metrics.watchStore(keeper::isHealthy, keeper::lastBackup, keeper.backupInterval());
  }

  /** What asks the disk or the store, so that only one scrape waits for those if they hang. */
  private static <T> Supplier<T> remembered(Supplier<T> source) {
    return new Remembered<>(source, METRIC_AGE, System::nanoTime);
  }

  /** When a verification last came to its end; empty if none did. */
  Optional<Instant> lastVerified() {
    return verifier.lastCompleted();
  }

  /** Has somebody look now and then at what is on the disk, who may be held up by it. */
  void look(Runnable looker) {
    schedule.every(Duration.ZERO, FINDINGS_LOOK, "findings", looker);
  }

  /** What was removed, and is still on the disk. */
  UpkeepMetrics.Backlog backlog() {
    List<Trash.Tree> trees = reaper.list();
    long entries = 0;
    long bytes = 0;
    for (Trash.Tree tree : trees) {
      entries += tree.usage().map(usage -> usage.inodes()).orElse(0L);
      bytes += tree.usage().map(usage -> usage.bytes()).orElse(0L);
    }
    double oldestAge =
        trees.isEmpty()
            ? 0
            : Math.max(
                0, Duration.between(trees.getFirst().since(), Instant.now()).toMillis() / 1000.0);
    return new UpkeepMetrics.Backlog(trees.size(), entries, bytes, oldestAge);
  }

  /** How many trees can't be deleted. */
  long stuckTrees() {
    return reaper.figures().stuck();
  }

  long quarantined() {
    return quarantine.size();
  }

  Optional<Instant> lastCleanup() {
    return reaper.lastCleanup();
  }

  Optional<Instant> lastBackup() {
    return keeper.lastBackup();
  }

  @Override
  public Trash trash() {
    return reaper;
  }

  @Override
  public Quarantine quarantine() {
    return usedQuarantine;
  }

  @Override
  public Verification verification() {
    return verifier;
  }

  @Override
  public StoreCare storeCare() {
    return keeper;
  }

  @Override
  public void close() {
    verifier.close();
    schedule.close();
    reaper.close();
  }
}
