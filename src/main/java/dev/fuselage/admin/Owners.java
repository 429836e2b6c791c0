package dev.fuselage.admin;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;

/** Who holds the disk. */
public interface Owners {
  /**
   * How it stands, some seconds old at most; where measuring takes longer than a caller likes to
   * wait, as it stood before.
   *
   * @throws SnapshotException UNAVAILABLE if nothing was measured yet
   */
  Report report(Call call);
}
