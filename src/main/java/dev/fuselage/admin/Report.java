package dev.fuselage.admin;

import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Who holds the disk, at one moment.
 *
 * @param live whether containerd told what its snapshots are for
 * @param holdings by bytes, largest first; together what the root takes
 * @param kinds all snapshots by kind
 * @param snapshots the largest ones, largest first
 * @param others the rest of the snapshots
 * @param unclaimed by bytes, largest first
 * @param quarantined how many snapshots may not be used
 * @param own what is Fuselage's, part by part
 * @param oldest the age of the oldest walk that went into it
 * @param took the time that measuring took, without the pauses of its pace
 * @param gaps what is not as measured in it
 */
public record Report(
    Instant made,
    boolean live,
    List<Holding> holdings,
    Map<Kind, Sum> kinds,
    List<SnapshotRow> snapshots,
    Sum others,
    List<Unclaimed> unclaimed,
    List<OverLimit> overLimit,
    int quarantined,
    Map<Part, Usage> own,
    FileSystem fileSystem,
    Duration oldest,
    Duration took,
    Gaps gaps) {
  /** What is Fuselage's own. */
  public enum Part {
    STORE,
    BACKUPS,
    /** The root's own directories, its lock and mark, and whatever else lies beside them. */
    FILES;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The word for it in metrics and answers. */
    public String label() {
      return label;
    }
  }

  /**
   * The file system that the root is on.
   *
   * @param freeBytes what an ordinary user may still write
   * @param totalInodes 0 where the file system makes inodes as it needs them
   */
  public record FileSystem(long totalBytes, long freeBytes, long totalInodes, long freeInodes) {}

  /**
   * Where a report may be wrong.
   *
   * @param unmeasured active snapshots that were not walked yet: each counts as nothing
   * @param unreadable trees that can't be read: each counts as what it last took
   */
  public record Gaps(int unmeasured, int unreadable) {
    public static final Gaps NONE = new Gaps(0, 0);
  }

  /** Several snapshots together. */
  public record Sum(long count, Usage usage) {
    public static final Sum NONE = new Sum(0, Usage.NONE);

    /** With one more. */
    public Sum plus(Usage more) {
      return new Sum(count + 1, usage.plus(more));
    }
  }

  public Report {
    holdings = List.copyOf(holdings);
    kinds = Map.copyOf(kinds);
    snapshots = List.copyOf(snapshots);
    unclaimed = List.copyOf(unclaimed);
    overLimit = List.copyOf(overLimit);
    own = Map.copyOf(own);
  }

  /** All that the root takes. */
  public Usage total() {
    Usage total = Usage.NONE;
    for (Holding holding : holdings) {
      total = total.plus(holding.usage());
    }
    return total;
  }
}
