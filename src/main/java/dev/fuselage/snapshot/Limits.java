package dev.fuselage.snapshot;

import java.nio.charset.StandardCharsets;

/**
 * The most that a client may ask for.
 *
 * @param keyBytes of a key or name, in UTF-8
 * @param labelsBytes of all labels of a snapshot together, keys and values, in UTF-8
 * @param depth layers below a snapshot; containerd's own suite needs {@value #LEAST_DEPTH}
 */
public record Limits(int keyBytes, int labelsBytes, int depth) {
  /** The lowest that {@code depth} may be set to. */
  public static final int LEAST_DEPTH = 128;

  public Limits {
    if (keyBytes < 1 || labelsBytes < Labels.MOST_BYTES || depth < LEAST_DEPTH) {
      throw new IllegalArgumentException(
          "limits below key 1 byte, labels %d bytes, depth %d would refuse what containerd sends"
              .formatted(Labels.MOST_BYTES, LEAST_DEPTH));
    }
  }

  /**
   * Lets a key or name pass that is not empty and within the limit.
   *
   * @throws SnapshotException INVALID_ARGUMENT, if the key is empty or too long
   */
  public void checkKey(String key) {
    if (key.isEmpty()) {
      throw SnapshotException.invalidArgument("a snapshot needs a key or name, this one is empty");
    }
    if (key.length() > keyBytes || key.getBytes(StandardCharsets.UTF_8).length > keyBytes) {
      throw SnapshotException.invalidArgument(
          "key %s is longer than the %d bytes allowed", Quote.of(key), keyBytes);
    }
  }

  /**
   * Lets the labels of one snapshot pass that are within the limit together.
   *
   * @throws SnapshotException INVALID_ARGUMENT, if the labels take too much together
   */
  public void checkLabels(Labels labels) {
    long bytes = 0;
    for (var label : labels.asMap().entrySet()) {
      bytes += (long) Labels.utf8Length(label.getKey()) + Labels.utf8Length(label.getValue());
    }
    if (bytes > labelsBytes) {
      throw SnapshotException.invalidArgument(
          "%d labels take %d bytes together, at most %d are allowed",
          labels.asMap().size(), bytes, labelsBytes);
    }
  }

  /**
   * Lets a place pass for a new snapshot that has no more layers below it than the limit.
   *
   * @throws SnapshotException INVALID_ARGUMENT, if a snapshot would stand too high
   */
  public void checkDepth(Ancestry ancestry) {
    if (ancestry.depth() > depth) {
      throw SnapshotException.invalidArgument(
          "%d layers below parent %s and itself, at most %d are allowed",
          ancestry.depth() - 1, Quote.of(ancestry.parent()), depth);
    }
  }
}
