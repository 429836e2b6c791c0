package dev.fuselage.overlay;

import dev.fuselage.snapshot.SnapshotterContract;
import dev.fuselage.snapshot.Subject;
import java.nio.file.Path;

class OverlaySnapshotterIT extends SnapshotterContract {
  @Override
  protected Subject open(Path directory) throws Exception {
    return OverlaySubject.open(directory.resolve("root"));
  }
}
