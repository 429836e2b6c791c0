package dev.fuselage.overlay;

import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.OpenFile;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.Space;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Meets low space before it is none: new snapshots are refused below a threshold, and a little
 * space and a few inodes are kept back, which are given up when there are no others, so that
 * removals still find room to be written down. Asks the file system at most once a second.
 */
public final class SpaceGuard {
  private static final Logger LOG = Logger.getLogger(SpaceGuard.class);

  static final String RESERVE = "reserve";

  private static final int MODE = 0600;
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000;
  private static final long MEBIBYTE = 1 << 20;
  private static final long MOST_BYTES_KEPT_FREE = 256 * MEBIBYTE;
  private static final long MOST_INODES_KEPT_FREE = 10_000;

  /** What removals need, until the space that they free is there. */
  private static final long FULL = 4 * MEBIBYTE;

  private final Directory root;
  private final InodeReserve inodes;
  private final Settings settings;
  private final LongSupplier nanoTime;
  private volatile Seen seen;
  private volatile boolean wanting;

  /** What was seen when a call last tried to keep the reserve. */
  private final AtomicReference<@Nullable Seen> tried = new AtomicReference<>();

  /**
   * What to keep free.
   *
   * @param threshold bytes; empty for 1 % of the file system, but at most 256 MiB; 0 refuses
   *     nothing
   * @param reserve bytes of the file that is given up at last; 0 for none, and no inodes either
   */
  public record Settings(OptionalLong threshold, long reserve) {
    /** Nothing is refused, and nothing kept back. */
    public static final Settings NONE = new Settings(OptionalLong.of(0), 0);
  }

  /** Of a file system that does not tell: nothing is refused. */
  private static final Space UNSEEN = new Space(0, Long.MAX_VALUE, 0, 0);

  private record Seen(long when, Space space) {}

  public SpaceGuard(Root root, Settings settings) {
    this(root.directory(), settings, System::nanoTime);
  }

  SpaceGuard(Directory root, Settings settings, LongSupplier nanoTime) {
    this.root = root;
    inodes = new InodeReserve(root);
    this.settings = settings;
    this.nanoTime = nanoTime;
    seen = new Seen(nanoTime.getAsLong() - LOOK_AGAIN_NANOS, UNSEEN);
  }

  /**
   * Returns if there is room for a new snapshot.
   *
   * @throws SnapshotException RESOURCE_EXHAUSTED
   */
  void checkRoom() {
    Optional<String> shortage = shortage();
    if (shortage.isPresent()) {
      throw new SnapshotException(Code.RESOURCE_EXHAUSTED, shortage.get());
    }
    if (wanting) {
      keepReserveIfNews();
    }
  }

  /** So that calls cost no more while it is wanted than else: one of them a second tries. */
  private void keepReserveIfNews() {
    Space unused = look();
    Seen last = seen;
    Seen before = tried.getAndSet(last);
    if (before != last) {
      keepReserve();
    }
  }

  /** Why new snapshots are refused, and what to do; empty while there is room for them. */
  public Optional<String> shortage() {
    if (settings.threshold().orElse(1) == 0) {
      return Optional.empty();
    }
    Space space = look();
    long bytes = threshold(space);
    if (space.freeBytes() < bytes) {
      return Optional.of(
          "only %s are free on the file system of %s, and new snapshots need %s (fuselage.low-space.threshold): remove containers or images, or enlarge it"
              .formatted(size(space.freeBytes()), root.path(), size(bytes)));
    }
    long least = leastInodes(space);
    if (space.freeInodes() < least) {
      return Optional.of(
          "only %d inodes are free on the file system of %s, and new snapshots need %d: remove containers or images, or make it anew with more"
              .formatted(space.freeInodes(), root.path(), least));
    }
    return Optional.empty();
  }

  private long threshold(Space space) {
    return settings.threshold().orElse(Math.min(space.totalBytes() / 100, MOST_BYTES_KEPT_FREE));
  }

  private static long leastInodes(Space space) {
    return Math.min(space.totalInodes() / 100, MOST_INODES_KEPT_FREE);
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", (double) bytes / MEBIBYTE);
  }

  /** Gives the reserve up if there is no other space, before something is to be removed. */
  void beforeRemoval() {
    if (settings.reserve() > 0 && isFull(look())) {
      release();
    }
  }

  private static boolean isFull(Space space) {
    return space.freeBytes() < FULL
        || (countsInodes(space) && space.freeInodes() < InodeReserve.COUNT);
  }

  /** Some, as btrfs, make inodes of whatever space there is. */
  private static boolean countsInodes(Space space) {
    return space.totalInodes() > 0;
  }

  /** Gives the reserve up. Nothing happens if there is none. */
  public void release() {
    boolean given = give(this::giveFile) | give(inodes::give);
    if (given) {
      wanting = true;
      LOG.warnf(
          "op=space the reserve of %s is given up, there is no space left, or no inode",
          root.path());
      seen = new Seen(nanoTime.getAsLong() - LOOK_AGAIN_NANOS, seen.space());
    }
  }

  /** Gives something up, and returns whether it was there. */
  @FunctionalInterface
  private interface Gift {
    boolean give() throws PosixException;
  }

  private static boolean give(Gift gift) {
    try {
      return gift.give();
    } catch (PosixException e) {
      LOG.warnf("op=space the reserve can't be given up: %s", e.getMessage());
      return false;
    }
  }

  private boolean giveFile() throws PosixException {
    try {
      root.removeFile(RESERVE);
      return true;
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Keeps the reserve back, now if that leaves room above the threshold, else as soon as it does.
   */
  public synchronized void keepReserve() {
    if (settings.reserve() == 0) {
      return;
    }
    Space space = look();
    boolean bytes = isThere() || space.freeBytes() >= threshold(space) + 2 * settings.reserve();
    boolean files =
        !countsInodes(space)
            || inodes.isThere()
            || space.freeInodes() >= leastInodes(space) + 2 * InodeReserve.COUNT;
    wanting = !bytes || !files;
    try {
      if (bytes && !isThere()) {
        try (OpenFile file = root.createFile(RESERVE, MODE)) {
          file.reserve(settings.reserve());
        }
      }
      if (files && countsInodes(space)) {
        inodes.keep();
      }
    } catch (PosixException e) {
      LOG.debugf("op=space no reserve: %s", e.getMessage());
    }
  }

  private boolean isThere() {
    try {
      // A file system without fallocate leaves it empty: then there is no reserve to be had.
      return root.status(RESERVE).size() >= 0;
    } catch (PosixException e) {
      return false;
    }
  }

  private Space look() {
    long now = nanoTime.getAsLong();
    Seen last = seen;
    if (now - last.when() < LOOK_AGAIN_NANOS) {
      return last.space();
    }
    try {
      last = new Seen(now, root.space());
      seen = last;
    } catch (PosixException e) {
      LOG.debugf("op=space cannot be seen: %s", e.getMessage());
    }
    return last.space();
  }
}
