package dev.fuselage.cleanup;

import dev.fuselage.overlay.Root;
import dev.fuselage.overlay.RootException;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.overlay.SyncMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** What can be done to a root that no service has. */
public final class StoppedRoot {
  private StoppedRoot() {}

  /**
   * Makes the store again, see {@link Rebuild}.
   *
   * @throws RootException if a service has the root, or it is none
   */
  public static Rebuild.Report rebuild(Path path) throws RootException, IOException {
    if (Root.driverOf(path).isEmpty()) {
      throw new RootException(
          RootException.Reason.UNUSABLE,
          path + " is no root of Fuselage: give the one that is served, by --root");
    }
    try (Root root = Root.open(path)) {
      return new Rebuild(root, new SnapshotDirectories(root, SyncMode.FULL), Clock.systemUTC())
          .run();
    }
  }
}
