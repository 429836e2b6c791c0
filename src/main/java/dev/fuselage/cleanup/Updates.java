package dev.fuselage.cleanup;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.metadata.Transaction;
import dev.fuselage.metadata.UnknownOutcomeException;
import dev.fuselage.snapshot.SnapshotException;
import java.util.function.Consumer;

/** Mutations of the store whose outcome nobody builds upon. */
final class Updates {
  private Updates() {}

  /**
   * Runs a mutation without a result.
   *
   * @throws SnapshotException also where it is not known whether it will be found after a restart
   */
  static void run(MetadataStore store, Consumer<Transaction> mutation) {
    try {
      boolean unused =
          store.update(
              transaction -> {
                mutation.accept(transaction);
                return true;
              });
    } catch (UnknownOutcomeException e) {
      throw e.failure();
    }
  }
}
