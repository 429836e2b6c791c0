package dev.fuselage.install;

/** By which way a node's pods come to their root file system on Fuselage. */
public enum Entrance {
  /** Nothing is written; somebody else configures containerd. */
  OFF,
  /** Pods that ask for it, by the RuntimeClass {@code fuselage}. */
  RUNTIME_CLASS,
  /** All pods, but those of the RuntimeClass {@code fuselage-bootstrap}. */
  DEFAULT_SNAPSHOTTER
}
