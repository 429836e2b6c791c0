package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import java.util.Optional;
import java.util.function.Consumer;

/** What this node's own service does when asked to. */
final class OwnOperations implements NodeOperations {
  private final Administration administration;
  private final Optional<Evacuation> evacuation;

  /**
   * @param evacuation empty if the node's pods are not to be evicted
   */
  OwnOperations(Administration administration, Optional<Evacuation> evacuation) {
    this.administration = administration;
    this.evacuation = evacuation;
  }

  @Override
  public Outcome run(Operation operation, boolean resumed, Call call, Consumer<String> progress) {
    return switch (operation) {
      case CLEANUP -> cleanUp(call, progress);
      case VERIFY -> verify(resumed, call, progress);
      case COMPACT -> {
        administration.storeCare().compact();
        yield new Outcome(true, "compacted the store");
      }
      case BACKUP -> backUp();
      case EVACUATE ->
          evacuation
              .orElseThrow(
                  () ->
                      SnapshotException.failedPrecondition(
                          "fuselage.kubernetes.evacuate is false on this node"))
              .run(call, progress);
    };
  }

  private Outcome cleanUp(Call call, Consumer<String> progress) {
    Trash.Progress end =
        administration
            .trash()
            .empty(call, now -> progress.accept("%d trees left".formatted(now.treesLeft())));
    call.check();
    return new Outcome(
        end.treesLeft() == 0,
        end.treesLeft() == 0
            ? "deleted %d trees".formatted(end.treesDeleted())
            : "deleted %d trees, %d can't be deleted: fuselage trash ls tells why"
                .formatted(end.treesDeleted(), end.treesLeft()));
  }

  private Outcome verify(boolean resumed, Call call, Consumer<String> progress) {
    Verification.Progress end =
        administration
            .verification()
            .run(
                new Verification.Request(false, false, resumed),
                call,
                new Verification.Listener() {
                  @Override
                  public void found(Verification.Finding finding) {}

                  @Override
                  public void progressed(Verification.Progress now) {
                    progress.accept(
                        "%d of %d snapshots".formatted(now.snapshots(), now.ofSnapshots()));
                  }
                });
    String looked = "looked at %d snapshots".formatted(end.snapshots());
    if (end.damages() > 0) {
      return new Outcome(
          false,
          "%s, %d findings mean damage: fuselage verify names them"
              .formatted(looked, end.damages()));
    }
    // What it found before it was interrupted, nobody counted. What barred no snapshot is mended at
    // each start.
    int quarantined = resumed ? administration.quarantine().list().size() : 0;
    return quarantined == 0
        ? new Outcome(true, looked)
        : new Outcome(
            false,
            "%s, and %d are in quarantine since before: fuselage quarantine ls names them"
                .formatted(looked, quarantined));
  }

  private Outcome backUp() {
    StoreCare.Backup made = administration.storeCare().backUp();
    var unused = administration.storeCare().prune();
    return new Outcome(true, "backup %d of %d bytes".formatted(made.id(), made.bytes()));
  }
}
