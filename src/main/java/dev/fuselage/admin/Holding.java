package dev.fuselage.admin;

import dev.fuselage.snapshot.Usage;

/**
 * What an owner holds.
 *
 * @param entries snapshots, or trees for what is no snapshot
 * @param usage of these alone; all holdings together are what the root takes
 * @param shared what other images need, too, and {@link Owner#SHARED} holds
 */
public record Holding(Owner owner, long entries, Usage usage, Usage shared) {
  /** With one more entry. */
  public Holding plus(Usage more) {
    return new Holding(owner, entries + 1, usage.plus(more), shared);
  }
}
