package dev.fuselage.overlay;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.util.Optional;

/** Leaves the trash as it is. */
public final class IdleReclaimer implements Reclaimer {
  @Override
  public void removed(SnapshotId id, Optional<Usage> usage) {}

  @Override
  public void look() {}

  @Override
  public void drain(Call call) {}
}
