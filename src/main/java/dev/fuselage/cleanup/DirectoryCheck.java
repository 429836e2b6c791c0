package dev.fuselage.cleanup;

import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.FileStatus;
import dev.fuselage.posix.Posix;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;

/**
 * Looks whether a snapshot's directory is as it was made. Only the directory around its files has a
 * fixed owner and mode: those of {@code fs} are the layer's or the container's to choose.
 */
final class DirectoryCheck {
  private static final String SUBJECT = "its directory ";
  private static final int PRIVATE = 0700;

  private final Directory snapshots;
  private final int owner = Posix.effectiveUid();

  DirectoryCheck(Directory snapshots) {
    this.snapshots = snapshots;
  }

  /** Whether a reason for quarantine is one of those that this check gives. */
  static boolean isReasonOfIts(String reason) {
    return reason.startsWith(SUBJECT);
  }

  /**
   * What is wrong with it, as a reason for quarantine; empty if nothing is.
   *
   * @throws PosixException if it can't be told
   */
  Optional<String> fault(SnapshotId id) throws PosixException {
    Optional<String> outside = fault(id.toString(), true);
    return outside.isPresent() ? outside : fault(id + "/fs", false);
  }

  private Optional<String> fault(String name, boolean privately) throws PosixException {
    FileStatus status;
    try {
      status = snapshots.status(name);
    } catch (PosixException e) {
      return switch (Errno.of(e.errno())) {
        case ENOENT, ENOTDIR, ELOOP -> fault(name, "is missing");
        case EIO, EUCLEAN, EREMOTEIO -> fault(name, "can't be read: " + e.getMessage());
        default -> throw e;
      };
    }
    if (!status.isDirectory()) {
      return fault(name, "is no directory");
    }
    if (privately && status.uid() != owner) {
      return fault(name, "belongs to uid %d instead of %d".formatted(status.uid(), owner));
    }
    if (privately && status.permissions() != PRIVATE) {
      return fault(
          name, "has the mode %04o instead of %04o".formatted(status.permissions(), PRIVATE));
    }
    return Optional.empty();
  }

  private Optional<String> fault(String name, String what) {
    return Optional.of(SUBJECT + snapshots.path().resolve(name) + " " + what);
  }
}
