package dev.fuselage.cleanup;

import dev.fuselage.admin.Verification.Kind;
import dev.fuselage.overlay.SnapshotDirectories;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.TreeWalker;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.TreeDigest;
import dev.fuselage.snapshot.Usage;
import java.util.List;
import java.util.Optional;

/** Looks whether a layer's tree is still what it was at its commit. */
final class LayerCheck {
  private static final int MOST_PATHS = 10;

  /** What file systems give and take by themselves, as XFS does with space it reserved. */
  private static final long LEAST_DRIFT_BYTES = 1 << 20;

  private final SnapshotDirectories directories;

  LayerCheck(SnapshotDirectories directories) {
    this.directories = directories;
  }

  /** How a layer is. */
  sealed interface Result {
    /** As it was. */
    record Whole(long entries) implements Result {}

    /** It takes another space than at its commit. */
    record Drifted(long entries, Usage now) implements Result {}

    /** There is nothing to compare with, but what it is made of now. */
    record Unknown(long entries, TreeDigest now) implements Result {}

    /**
     * Its files were to be read, but what they held at its commit is not known.
     *
     * @param now what it is made of now, contents included
     * @param rest how it is apart from them: whole or drifted
     */
    record Unread(TreeDigest now, Result rest) implements Result {}

    /**
     * It is not what it was.
     *
     * @param paths inside it that were changed, as far as they are known
     */
    record Damaged(long entries, Kind kind, List<String> paths, String detail) implements Result {}

    /** It was removed meanwhile. */
    record Gone() implements Result {}
  }

  /**
   * Looks at a layer.
   *
   * @param contents whether files are read, too
   * @throws PosixException if it can't be told
   */
  Result look(Snapshot.Committed layer, boolean contents, TreeWalker.Pace pace, Call call)
      throws PosixException {
    Optional<TreeDigest> before = layer.digest();
    Optional<SnapshotDirectories.Survey> survey;
    try {
      survey = directories.survey(layer.id(), contents, pace);
    } catch (PosixException e) {
      return switch (Errno.of(e.errno())) {
        case EIO, EUCLEAN, EREMOTEIO ->
            new Result.Damaged(
                0, Kind.TREE, List.of(inside(e.subject())), "can't be read: " + e.getMessage());
        default -> throw e;
      };
    }
    return survey
        .map(found -> compared(layer, before, contents, found, call))
        .orElseGet(Result.Gone::new);
  }

  private Result compared(
      Snapshot.Committed layer,
      Optional<TreeDigest> before,
      boolean contents,
      SnapshotDirectories.Survey found,
      Call call) {
    if (before.isEmpty()) {
      return new Result.Unknown(found.entries(), found.digest());
    }
    if (before.get().metadata() != found.digest().metadata()) {
      return damaged(layer, found, Kind.TREE, "is not what was committed", call);
    }
    boolean known = before.get().contents().isPresent();
    if (contents && known && !before.get().contents().equals(found.digest().contents())) {
      return damaged(layer, found, Kind.CONTENTS, "holds other contents than were committed", call);
    }
    long drift = Math.abs(found.usage().bytes() - layer.usage().bytes());
    Result result =
        drift > Math.max(LEAST_DRIFT_BYTES, layer.usage().bytes() / 10)
            ? new Result.Drifted(found.entries(), found.usage())
            : new Result.Whole(found.entries());
    return contents && !known ? new Result.Unread(found.digest(), result) : result;
  }

  private Result damaged(
      Snapshot.Committed layer,
      SnapshotDirectories.Survey found,
      Kind kind,
      String what,
      Call call) {
    List<String> paths = List.of();
    try {
      paths = directories.changedSince(layer.id(), layer.created(), MOST_PATHS, call);
    } catch (PosixException e) {
      // That it is damaged is known; only where will not be.
    }
    return new Result.Damaged(found.entries(), kind, paths, what);
  }

  private static String inside(String subject) {
    return subject.startsWith("fs/") ? subject.substring("fs/".length()) : "";
  }
}
