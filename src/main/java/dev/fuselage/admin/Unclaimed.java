package dev.fuselage.admin;

import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot that nobody needs.
 *
 * @param since when it was first seen so; the service remembers that until it stops
 * @param children how many snapshots stand upon it, which are unclaimed, too
 * @param command that frees it through containerd; empty if others must go first, or containerd did
 *     not make it
 */
public record Unclaimed(
    SnapshotRow snapshot, Instant since, int children, Optional<String> command) {}
