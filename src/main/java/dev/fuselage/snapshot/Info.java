package dev.fuselage.snapshot;

import java.time.Instant;

/**
 * What containerd is told of a snapshot.
 *
 * @param name the key of an active snapshot or a view, the name of a committed one
 * @param parent the parent's name, empty for a snapshot without one
 * @param created when it was prepared, viewed or committed
 * @param updated when its labels last changed, or it was created
 */
public record Info(
    String name, String parent, Kind kind, Labels labels, Instant created, Instant updated) {}
