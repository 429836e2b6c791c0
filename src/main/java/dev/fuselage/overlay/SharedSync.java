package dev.fuselage.overlay;

import dev.fuselage.metadata.GroupCommit;
import dev.fuselage.metadata.SyncMeter;
import dev.fuselage.posix.PosixException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A sync that callers who wait at the same time share. */
final class SharedSync {
  private final GroupCommit<Outcome> group = new GroupCommit<>(this::run);
  private final Action action;

  /** Makes something durable. */
  @FunctionalInterface
  interface Action {
    void run() throws PosixException;
  }

  SharedSync(Action action) {
    this.action = action;
  }

  SyncMeter meter() {
    return group.meter();
  }

  /** Returns after a sync that began after the call. */
  void await() throws PosixException {
    Outcome outcome = new Outcome();
    group.run(outcome);
    outcome.check();
  }

  private void run(List<Outcome> waiting) {
    try {
      action.run();
    } catch (PosixException | RuntimeException | Error e) {
      waiting.forEach(outcome -> outcome.failure = e);
    }
  }

  private static final class Outcome {
    private @Nullable Throwable failure;

    void check() throws PosixException {
      switch (failure) {
        case null -> {}
        case PosixException e -> throw e;
        case RuntimeException e -> throw e;
        default -> throw new IllegalStateException(failure);
      }
    }
  }
}
