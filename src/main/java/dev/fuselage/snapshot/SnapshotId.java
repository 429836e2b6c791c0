package dev.fuselage.snapshot;

import java.util.Optional;

/**
 * The number that names a snapshot's directory: positive, and never given out twice in the life of
 * a root.
 */
public record SnapshotId(long value) implements Comparable<SnapshotId> {
  private static final int MOST_DIGITS = 18;

  public SnapshotId {
    if (value <= 0) {
      throw new IllegalArgumentException("a snapshot id is positive, this is " + value);
    }
  }

  /** The id that a directory name stands for; empty if it is none, a leading zero included. */
  public static Optional<SnapshotId> parse(String name) {
    if (name.isEmpty() || name.length() > MOST_DIGITS || name.charAt(0) == '0') {
      return Optional.empty();
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(new SnapshotId(Long.parseLong(name)));
  }

  @Override
  public int compareTo(SnapshotId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
