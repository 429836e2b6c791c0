package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.snapshot.Call;
import java.util.function.Consumer;

/** What a node can do for a maintenance. */
interface NodeOperations {
  /**
   * Does it, and returns when it is done.
   *
   * @param resumed whether it may have been begun before
   * @param call asked between steps whether to go on
   * @param progress hears now and then how far it is
   * @throws dev.fuselage.snapshot.SnapshotException if it can't be done, or the call ended it
   */
  Outcome run(Operation operation, boolean resumed, Call call, Consumer<String> progress);

  /** What came of it, in a sentence. */
  record Outcome(boolean success, String message) {}
}
