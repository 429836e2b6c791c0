package dev.fuselage.overlay;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.util.Optional;

/** Deletes what lies in the trash of a root. */
public interface Reclaimer {
  /**
   * A snapshot's directory is in the trash now. Where very much lies there already this holds its
   * caller up for a moment, but never until something is deleted: so no lock may be held.
   *
   * @param usage what it took when it was committed; empty where nobody counted
   */
  void removed(SnapshotId id, Optional<Usage> usage);

  /** There may be something new in the trash. */
  void look();

  /** Returns when what is in the trash at the call is gone, or at a limit of its own. */
  void drain(Call call);
}
