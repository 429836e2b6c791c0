package dev.fuselage.snapshot;

import java.nio.file.Path;

class InMemorySnapshotterTest extends SnapshotterContract {
  @Override
  protected Subject open(Path directory) {
    return Subject.of(new InMemorySnapshotter());
  }
}
