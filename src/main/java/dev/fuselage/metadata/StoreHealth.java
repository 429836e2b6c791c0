package dev.fuselage.metadata;

import dev.fuselage.snapshot.SnapshotException;

/** How a store fares. */
public sealed interface StoreHealth {
  /** It reads and writes. */
  record Healthy() implements StoreHealth {}

  /**
   * It does not write, and maybe not read. It is opened again as soon as that promises success.
   *
   * @param reason what callers are told
   */
  record Failing(SnapshotException reason) implements StoreHealth {}

  /**
   * What it holds can't be relied on: a rebuild or a restore alone helps.
   *
   * @param reason what callers are told
   */
  record Damaged(SnapshotException reason) implements StoreHealth {}
}
