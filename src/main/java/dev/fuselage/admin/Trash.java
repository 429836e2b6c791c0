package dev.fuselage.admin;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What was removed, and is not deleted yet. */
public interface Trash {
  /**
   * What lies in it, oldest first.
   *
   * @throws SnapshotException UNAVAILABLE, if the disk does not tell
   */
  List<Tree> list();

  /** Has it emptied at the usual pace, beginning now; returns at once. */
  Progress wake();

  /**
   * Empties it at full speed, and returns when what was in it at the call is gone or in back-off.
   *
   * @param progress hears how far it is, at least once a second
   */
  Progress empty(Call call, Consumer<Progress> progress);

  /**
   * A removed snapshot's directory.
   *
   * @param name of its directory, a snapshot's id as a rule
   * @param usage what it took when it was committed; empty where nobody counted
   * @param since when it came
   * @param backOff present while it is not tried again yet
   */
  record Tree(String name, Optional<Usage> usage, Instant since, Optional<BackOff> backOff) {}

  /**
   * Why a tree is still there.
   *
   * @param attempts how often it was tried in vain
   */
  record BackOff(String reason, int attempts, Instant nextAttempt) {}

  /**
   * How far it is.
   *
   * @param treesLeft of what was in the trash at the call, those in back-off among them
   * @param treesDeleted of what was in the trash at the call
   * @param entriesDeleted since the call, directories among them
   * @param treesPostponed in back-off
   */
  record Progress(long treesLeft, long treesDeleted, long entriesDeleted, long treesPostponed) {}
}
