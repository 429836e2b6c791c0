package dev.fuselage.owners;

import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.containerd.ContainerdKey;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** Finds out what has containerd free snapshots that nobody needs. Made for one report. */
final class Remedies {
  /** Each is a call to containerd. */
  static final int MOST_ASKED = 100;

  private final Function<ContainerdKey, Optional<Boolean>> known;
  private int asked;

  /**
   * @param known whether containerd knows a snapshot; empty if it does not answer
   */
  Remedies(Function<ContainerdKey, Optional<Boolean>> known) {
    this.known = known;
  }

  /**
   * A snapshot with what frees it.
   *
   * @param youngest whether no snapshot of the same key was made after it: containerd knows no
   *     other of several
   */
  Unclaimed of(Node node, SnapshotRow row, Instant since, boolean youngest) {
    Optional<ContainerdKey> key = ContainerdKey.parse(node.key).filter(_ -> youngest);
    Optional<Boolean> knows = key.isEmpty() ? Optional.of(false) : Optional.empty();
    Optional<String> command = Optional.empty();
    if (node.children == 0) {
      knows = key.isEmpty() ? knows : ask(key.get());
      command =
          knows.map(
              yes ->
                  yes
                      ? key.map(RemovalCommands::snapshot).orElseThrow()
                      : RemovalCommands.unknownSnapshots());
    }
    return new Unclaimed(row, since, node.children, knows, command);
  }

  private Optional<Boolean> ask(ContainerdKey key) {
    if (asked >= MOST_ASKED) {
      return Optional.empty();
    }
    asked++;
    Optional<Boolean> answer = known.apply(key);
    if (answer.isEmpty()) {
      // It would not answer the next ones either, and somebody waits.
      asked = MOST_ASKED;
    }
    return answer;
  }
}
