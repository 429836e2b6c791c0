package dev.fuselage.admin;

/**
 * A writable snapshot that has outgrown its soft limit.
 *
 * @param limit in bytes
 */
public record OverLimit(SnapshotRow snapshot, long limit) {}
