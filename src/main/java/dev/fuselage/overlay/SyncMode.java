package dev.fuselage.overlay;

/** What is on disk, beyond the metadata store's log, before a mutation is acknowledged. */
public enum SyncMode {
  /** New directories and, at a commit, the layer's data. */
  FULL,
  /** Nothing: a power cut may leave a committed layer with missing or empty files. */
  METADATA
}
