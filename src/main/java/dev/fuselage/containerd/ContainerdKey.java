package dev.fuselage.containerd;

import java.util.Optional;

/**
 * A snapshot as containerd's clients know it. containerd's metadata gives it to a snapshotter as
 * {@code namespace/number/key}, where the number is of the transaction that made it.
 *
 * @param key may hold any character, {@code /} too
 */
public record ContainerdKey(String namespace, String key) {
  /** What a snapshotter's key stands for; empty if containerd did not give it. */
  public static Optional<ContainerdKey> parse(String stored) {
    int first = stored.indexOf('/');
    int second = stored.indexOf('/', first + 1);
    if (first <= 0 || second <= first + 1 || second == stored.length() - 1) {
      return Optional.empty();
    }
    for (int i = first + 1; i < second; i++) {
      if (stored.charAt(i) < '0' || stored.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(new ContainerdKey(stored.substring(0, first), stored.substring(second + 1)));
  }

  /** Whether it is the place where a layer is unpacked. */
  public boolean isExtraction() {
    return key.startsWith("extract-");
  }
}
