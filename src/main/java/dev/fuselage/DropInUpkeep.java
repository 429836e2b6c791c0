package dev.fuselage;

import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Report.Sum;
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
    Standing found = installer.install();
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

  /** As {@link #remove(long, boolean)}, with the active snapshots that are there now. */
  Removal remove(Owners owners, boolean forced) {
    try {
      return remove(
          owners.report(Call.PATIENT).kinds().getOrDefault(Kind.ACTIVE, Sum.NONE).count(), forced);
    } catch (SnapshotException e) {
      return new Removal.Refused(
          "SnapshotsUnknown", "whether active snapshots are left can't be told: " + e.getMessage());
    }
  }

  /** As {@link Installer#remove}; what is taken away is not written again by this process. */
  synchronized Removal remove(long activeSnapshots, boolean forced) {
    Removal removal = installer.remove(activeSnapshots, forced);
    removed |= !(removal instanceof Removal.Refused);
    return removal;
  }
}
