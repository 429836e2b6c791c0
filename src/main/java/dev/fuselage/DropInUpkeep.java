package dev.fuselage;

import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Report.Sum;
import dev.fuselage.install.Departure;
import dev.fuselage.install.Installer;
import dev.fuselage.install.Removal;
import dev.fuselage.install.Standing;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import org.jboss.logging.Logger;

/**
 * Keeps our part of containerd's configuration as it should be, and says in the log what an admin
 * has to do, once each time that it is something else.
 */
final class DropInUpkeep implements Runnable {
  private static final Logger LOG = Logger.getLogger(DropInUpkeep.class);

  private final Installer installer;
  private volatile Standing standing = new Standing.Unasked();
  private boolean removed;

  DropInUpkeep(Installer installer) {
    this.installer = installer;
  }

  /** How containerd's configuration stood at the last look. */
  Standing standing() {
    return standing;
  }

  @Override
  public synchronized void run() {
    if (removed) {
      return;
    }
    show(installer.install());
  }

  private void show(Standing found) {
    if (!found.equals(standing)) {
      tell(found);
      standing = found;
    }
  }

  private static void tell(Standing standing) {
    switch (standing) {
      case Standing.Unasked() -> {}
      case Standing.Complete() -> LOG.info("op=install containerd's configuration is complete");
      case Standing.Waiting(String reason, String message) ->
          LOG.warnf("op=install reason=%s %s", reason, message);
      case Standing.Refused(String reason, String message) ->
          LOG.errorf("op=install reason=%s %s", reason, message);
    }
  }

  /**
   * Takes it away, as {@link Installer#remove}, with the active snapshots that are there now. What
   * is gone is not written again by this process.
   *
   * @param handlerLive whether containerd is known to still have our handler
   */
  Removal remove(Owners owners, boolean handlerLive, boolean forced) {
    try {
      return remove(
          new Departure(
              owners.report(Call.PATIENT).kinds().getOrDefault(Kind.ACTIVE, Sum.NONE).count(),
              handlerLive,
              forced));
    } catch (SnapshotException e) {
      return new Removal.Refused(
          "SnapshotsUnknown", "whether active snapshots are left can't be told: " + e.getMessage());
    }
  }

  private synchronized Removal remove(Departure departure) {
    Removal removal = installer.remove(departure);
    removed |= removal instanceof Removal.Gone;
    return removal;
  }

  /** Takes back what a removal has begun; nobody asks for it any more. */
  synchronized void stay() {
    if (removed) {
      return;
    }
    installer
        .stay()
        .ifPresent(
            found -> {
              LOG.info("op=install nobody asks any more that the drop-in goes");
              show(found);
            });
  }
}
