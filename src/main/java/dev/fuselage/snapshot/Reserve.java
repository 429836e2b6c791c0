package dev.fuselage.snapshot;

/**
 * The keys and names that no client meets: the service's own, which tries by them whether snapshots
 * can be made. They begin with U+0000, which no name of containerd's does.
 */
public final class Reserve {
  private static final char MARK = 0;

  private Reserve() {}

  /** A key of the reserve. */
  public static String key(String word) {
    return MARK + word;
  }

  /** Whether a key or name is of the reserve. */
  public static boolean holds(String key) {
    return !key.isEmpty() && key.charAt(0) == MARK;
  }
}
