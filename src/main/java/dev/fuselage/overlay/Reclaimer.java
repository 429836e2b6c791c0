package dev.fuselage.overlay;

import dev.fuselage.snapshot.Call;

/** Deletes what lies in the trash of a root. */
public interface Reclaimer {
  /** There is something new in the trash. */
  void removed();

  /** Returns when what is in the trash at the call is gone, or at a limit of its own. */
  void drain(Call call);
}
