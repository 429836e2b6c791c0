package dev.fuselage.snapshot;

import java.util.List;

/**
 * A snapshotter under test.
 *
 * @param parts what it stands upon, in the order in which it was opened
 */
public record Subject(Snapshotter snapshotter, List<AutoCloseable> parts) implements AutoCloseable {
  public static Subject of(Snapshotter snapshotter, AutoCloseable... parts) {
    return new Subject(snapshotter, List.of(parts));
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }
}
