package dev.fuselage;

import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Report.Sum;
import dev.fuselage.install.Departure;
import dev.fuselage.install.Installer;
import dev.fuselage.install.Removal;
import dev.fuselage.install.Standing;
import dev.fuselage.kubernetes.Setup;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Keeps our part of containerd's configuration as it should be, once nobody asks that it goes, and
 * says in the log what an admin has to do, once each time that it is something else.
 */
final class DropInUpkeep implements Runnable {
  private static final Logger LOG = Logger.getLogger(DropInUpkeep.class);

  private final Installer installer;
  private volatile Standing standing = new Standing.Unasked();
  private boolean kept;

  /**
   * @param kept whether to write it without being {@linkplain #stay told}, since nobody tells
   */
  DropInUpkeep(Installer installer, boolean kept) {
    this.installer = installer;
    this.kept = kept;
  }

  /** How containerd's configuration stood at the last look. */
  Standing standing() {
    return standing;
  }

  /** Whether containerd runs with the proxy plugin that is written here. */
  Setup.Plugin compare(Map<String, String> running) {
    return installer
        .difference(running)
        .<Setup.Plugin>map(Setup.Plugin.Other::new)
        .orElseGet(Setup.Plugin.Ours::new);
  }

  @Override
  public synchronized void run() {
    if (kept) {
      show(installer.install());
    }
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
   * is gone is not written again before {@link #stay}.
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

  /** The same, by what is there. */
  synchronized Removal remove(Departure departure) {
    Removal removal = installer.remove(departure);
    kept &= !(removal instanceof Removal.Gone);
    return removal;
  }

  /**
   * Writes it at once, if it was not kept so far, and takes back what a removal has begun.
   *
   * @param wanted false if this node was left, and nothing is to be written on it
   */
  synchronized void stay(boolean wanted) {
    boolean begins = wanted && !kept;
    kept = wanted;
    if (wanted) {
      takeBack();
    }
    if (begins) {
      run();
    }
  }

  private void takeBack() {
    installer
        .stay()
        .ifPresent(
            found -> {
              LOG.info("op=install nobody asks any more that the drop-in goes");
              show(found);
            });
  }
}
