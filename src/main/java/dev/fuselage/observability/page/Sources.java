package dev.fuselage.observability.page;

import dev.fuselage.admin.Layers;
import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whom the page asks, and only while somebody looks at it. Any of them may throw a {@link
 * dev.fuselage.snapshot.SnapshotException}, which the page tells in place of what it asked for.
 *
 * @param node what the machine is called
 * @param root where the data lies
 * @param last the last report; empty before the first
 * @param owners makes a report that is younger
 * @param verified when a verification last came to its end; empty if none did
 * @param backups oldest first
 * @param growth how the disk filled
 */
public record Sources(
    String node,
    String root,
    Supplier<Optional<Report>> last,
    Owners owners,
    Layers layers,
    Trash trash,
    Quarantine quarantine,
    Supplier<Optional<Instant>> verified,
    Supplier<List<StoreCare.Backup>> backups,
    Growth growth) {}
