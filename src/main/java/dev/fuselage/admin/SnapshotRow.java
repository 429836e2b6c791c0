package dev.fuselage.admin;

import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;

/** A snapshot, what it takes with its directory and scratch space, and who needs it. */
public record SnapshotRow(String key, Kind kind, Owner owner, Usage usage, Instant created) {}
