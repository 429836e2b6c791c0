package dev.fuselage.snapshot;

/**
 * The disk that a snapshot takes by itself, without its parents.
 *
 * @param bytes allocated bytes (blocks, not file lengths)
 * @param inodes inodes, each counted once however many links it has
 */
public record Usage(long bytes, long inodes) {
  /** Nothing at all, as a view takes. */
  public static final Usage NONE = new Usage(0, 0);

  public Usage plus(Usage other) {
    return new Usage(bytes + other.bytes, inodes + other.inodes);
  }
}
