package dev.fuselage.admin;

import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.List;

/** What images are made of. */
public interface Layers {
  /**
   * The layers of an image, or of {@link Owner#SHARED} those that several images need; by bytes,
   * largest first. Empty for an image that is not known. Reads all records, so it takes a while.
   *
   * @throws SnapshotException UNAVAILABLE if the store does not tell
   */
  List<Layer> of(Owner image);

  /**
   * A layer.
   *
   * @param usage at its commit: its files, without the snapshot's own directory
   * @param images how many images need it
   */
  record Layer(String key, Usage usage, Instant created, int images) {}
}
