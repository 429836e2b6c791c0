package dev.fuselage;

import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.cleanup.Rebuild;
import dev.fuselage.cleanup.Reconciler;
import dev.fuselage.metadata.Backups;
import dev.fuselage.metadata.KeptStore;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.StoreFormat;
import dev.fuselage.metadata.StoreHealth;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.SpaceGuard;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** A root's metadata store, and what is done for it and the rest when it fails or comes back. */
final class NodeStore implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(NodeStore.class);
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);

  private final KeptStore store;

  /** Nothing as long as it is opened for the start. */
  private volatile Runnable onRecovery = () -> {};

  private NodeStore(Root root, SpaceGuard space, Backups backups, Runnable onHealth) {
    store =
        KeptStore.open(
            root.store(),
            new KeptStore.Settings(
                () -> isUsed(root),
                opened -> {
                  StoreFormat.CURRENT.bring(opened, backups::create);
                  skipIdsOnDisk(opened, root);
                },
                health -> {
                  changed(health, space);
                  onHealth.run();
                },
                FIRST_LOOK));
  }

  /**
   * Opens it; how that went, its health says.
   *
   * @param space whose reserve is given up when the store has no room to write
   * @param backups gets one before the store's format is changed
   * @param onHealth run when {@link #obstacle()} may have changed, on any thread
   */
  static NodeStore open(Root root, SpaceGuard space, Backups backups, Runnable onHealth) {
    return new NodeStore(root, space, backups, onHealth);
  }

  KeptStore store() {
    return store;
  }

  /** Says what is to be done when it is back, in place of what was said before. */
  void onRecovery(Runnable action) {
    onRecovery = action;
  }

  private void changed(StoreHealth health, SpaceGuard space) {
    if (health instanceof StoreHealth.Failing failing && isForSpace(failing)) {
      space.release();
    }
    if (health instanceof StoreHealth.Healthy) {
      onRecovery.run();
    }
  }

  /**
   * Whether there are snapshots that a store must know of. Where that can't be seen there may be: a
   * store begun anew would have them all taken for orphans.
   */
  private static boolean isUsed(Root root) {
    try {
      return !root.snapshots().names().isEmpty();
    } catch (PosixException e) {
      return true;
    }
  }

  private static boolean isForSpace(StoreHealth.Failing failing) {
    return failing.reason().code() == SnapshotException.Code.RESOURCE_EXHAUSTED;
  }

  private static void skipIdsOnDisk(MetadataStore store, Root root) {
    try {
      Reconciler.highestId(root.snapshots(), root.trash()).ifPresent(store::skipIds);
    } catch (PosixException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "cannot read the root: " + e.getMessage(), e);
    }
  }

  /** Makes a damaged one again, if the configuration says so; if that fails, it stays damaged. */
  void repairIfTold(OnDamage told, Rebuild rebuild) {
    if (!(store.health() instanceof StoreHealth.Damaged) || told != OnDamage.REBUILD) {
      return;
    }
    try {
      LOG.info("op=rebuild as fuselage.store.on-damage says");
      RebuildReport report = store.repair(() -> rebuild.run(StoreWork.unheard()));
      report.sentences().forEach(sentence -> LOG.warnf("op=rebuild %s", sentence));
    } catch (IOException | RuntimeException e) {
      // Whatever it is, who is to decide needs the socket, so the service must stay up.
      LOG.errorf(e, "op=rebuild failed, waiting for an operator: %s", e.getMessage());
    }
  }

  /**
   * An id that is given out by this, and is later than all before; empty if it can't give out any.
   */
  Optional<SnapshotId> lastId() {
    if (!(store.health() instanceof StoreHealth.Healthy)) {
      return Optional.empty();
    }
    try {
      return Optional.of(store.newId());
    } catch (SnapshotException | UnknownOutcomeException e) {
      LOG.errorf("op=start the store gives out no id: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /** Why the service can't do its work; empty if it can. */
  Optional<String> obstacle() {
    return switch (store.health()) {
      case StoreHealth.Healthy _ -> Optional.empty();
      case StoreHealth.Failing(SnapshotException reason) -> Optional.of(message(reason));
      case StoreHealth.Damaged(SnapshotException reason) -> Optional.of(message(reason));
    };
  }

  private static String message(SnapshotException reason) {
    return String.valueOf(reason.getMessage());
  }

  @Override
  public void close() {
    store.close();
  }
}
