package dev.fuselage.cleanup;

import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreWork;
import dev.fuselage.metadata.Backups;
import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.RootException;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalInt;

/** What can be done to a root that no service has. */
public final class StoppedRoot {
  private StoppedRoot() {}

  /**
   * Makes the store again, see {@link Rebuild}.
   *
   * @throws RootException if a service has the root, or it is none
   */
  public static RebuildReport rebuild(Path path, StoreWork work) throws RootException, IOException {
    return rebuild(path, directory -> {}, work);
  }

  /**
   * Makes the store again with the help of a backup.
   *
   * @param backups the directory that they are in
   * @param id empty for the youngest
   * @throws RootException if a service has the root, or it is none
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if the backup is damaged
   */
  public static RebuildReport restore(Path path, Path backups, OptionalInt id, StoreWork work)
      throws RootException, IOException {
    Backups kept = new Backups(backups);
    return rebuild(
        path,
        directory -> kept.restore(id.orElseGet(() -> StoreKeeper.youngest(kept)), directory, work),
        work);
  }

  private static RebuildReport rebuild(Path path, Rebuild.Seed seed, StoreWork work)
      throws RootException, IOException {
    if (Root.driverOf(path).isEmpty()) {
      throw new RootException(
          RootException.Reason.UNUSABLE,
          path + " is no root of Fuselage: give the one that is served, by --root");
    }
    try (Root root = Root.open(path)) {
      return new Rebuild(root, new SnapshotDirectories(root, SyncMode.FULL), Clock.systemUTC())
          .run(seed, work);
    }
  }
}
