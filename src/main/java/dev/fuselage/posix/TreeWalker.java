package dev.fuselage.posix;

import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** Disk usage of a tree, as {@code du} counts it. */
public final class TreeWalker {
  /** So many entries at least are dealt with between two questions whether to go on. */
  private static final int ENTRIES_A_QUESTION = 256;

  private TreeWalker() {}

  /**
   * What a tree occupies.
   *
   * @param bytes allocated space: 512 times the blocks of every inode
   * @param inodes files, directories, links and the rest, the root directory among them
   */
  public record Totals(long bytes, long inodes) {}

  /**
   * What a tree occupies, and what it is made of.
   *
   * @param entries names that were met, hard links each counted, the root directory among them
   * @param metadata a digest of names, types, modes, owners, sizes, modification times, link
   *     targets, device numbers, which names are one file, and of {@code user} and {@code security}
   *     attributes; equal trees have equal ones wherever they lie
   * @param contents a digest of what regular files hold; empty if it was not asked for
   */
  public record Survey(Totals totals, long entries, long metadata, OptionalLong contents) {}

  /** Asked every few hundred entries whether to go on; never in a tree of fewer. */
  @FunctionalInterface
  public interface Stop {
    /** Ends the walk by an unchecked exception; always called on the thread that measures. */
    void check();
  }

  /** Sets the pace of a survey. */
  @FunctionalInterface
  public interface Pace {
    /**
     * Called after every few hundred entries, by one thread at a time. It may sleep, which holds up
     * the whole survey, or end it by an unchecked exception.
     *
     * @param entries dealt with since the last call; 0 when the calling thread only waits
     * @param calling whether this is the thread that asked for the survey
     */
    void walked(int entries, boolean calling);
  }

  /**
   * Adds up a tree: each inode once by device and number, links counted and not followed, other
   * devices included. What vanishes meanwhile is left out. A wide tree is shared with other
   * threads.
   *
   * @param name an entry below {@code parent}, a directory as a rule
   * @throws PosixException where the tree itself is not there, or a part of it cannot be read
   */
  public static Totals measure(Directory parent, String name, Stop stop) throws PosixException {
    TreeMeasurement measurement = new TreeMeasurement();
    TreeTraversal.run(parent, name, measurement, asking(stop));
    Totals totals = measurement.totals();
    checkThere(totals, name);
    return totals;
  }

  /**
   * Measures a tree as {@link #measure} does, and takes digests of it in the same walk. The digests
   * find accidents; an attacker could make another tree with the same ones.
   *
   * @param withContents whether files are read
   * @param pace hears of all entries that were dealt with, and may sleep or end the walk
   */
  public static Survey survey(Directory parent, String name, boolean withContents, Pace pace)
      throws PosixException {
    TreeSurvey survey = new TreeSurvey(withContents);
    TreeTraversal.run(parent, name, survey, (entries, calling) -> pace.walked(entries, calling));
    Survey result = survey.result();
    checkThere(result.totals(), name);
    return result;
  }

  /**
   * The paths of entries whose inode changed after a time, from the tree's own name on: what was
   * written, renamed or given other rights or attributes since, but not what a disk lost by itself.
   *
   * @param most paths to return; which ones is left to chance
   */
  public static List<String> changedSince(
      Directory parent, String name, Instant since, int most, Stop stop) throws PosixException {
    TreeChanges changes = new TreeChanges(since, most);
    TreeTraversal.run(parent, name, changes, asking(stop));
    return changes.paths();
  }

  private static TreeTraversal.Progress asking(Stop stop) {
    // Who paces walks by the questions would take each of ten thousand small trees for a large one.
    int[] unasked = {0};
    return (entries, calling) -> {
      unasked[0] += entries;
      if (calling && (entries == 0 || unasked[0] >= ENTRIES_A_QUESTION)) {
        unasked[0] = 0;
        stop.check();
      }
    };
  }

  private static void checkThere(Totals totals, String name) throws PosixException {
    Directory.checked(totals.inodes() == 0 ? -Errno.ENOENT.number() : 0, SystemCall.STATX, name);
  }
}
