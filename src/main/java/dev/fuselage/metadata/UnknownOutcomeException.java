package dev.fuselage.metadata;

import dev.fuselage.snapshot.SnapshotException;

/**
 * The log could not be synced: what was written may be found after a restart or not. Nothing that
 * the mutation relies on may be taken away before the store has been read again.
 */
public final class UnknownOutcomeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final SnapshotException failure;

  public UnknownOutcomeException(SnapshotException failure) {
    super(failure.getMessage(), failure, false, false);
    this.failure = failure;
  }

  /** What the client is told. */
  public SnapshotException failure() {
    return failure;
  }
}
