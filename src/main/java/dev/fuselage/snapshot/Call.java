package dev.fuselage.snapshot;

/** The caller's patience: asked before the point of no return, and between steps of long work. */
@FunctionalInterface
public interface Call {
  /** A caller that waits for as long as it takes. */
  Call PATIENT = () -> {};

  /**
   * Returns if the caller still waits.
   *
   * @throws SnapshotException CANCELLED or DEADLINE_EXCEEDED, if nobody waits any more
   */
  void check();
}
