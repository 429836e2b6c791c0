package dev.fuselage.admin;

import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot that nobody needs.
 *
 * @param since when it was first seen so; the service remembers that until it stops
 * @param children how many snapshots stand upon it, which are unclaimed, too
 * @param known whether containerd knows it; empty if it was not asked or did not say
 * @param command that has containerd free it; empty if others must go first, or it is not known
 *     whether containerd knows it
 */
public record Unclaimed(
    SnapshotRow snapshot,
    Instant since,
    int children,
    Optional<Boolean> known,
    Optional<String> command) {}
