package dev.fuselage.overlay;

import dev.fuselage.posix.Errno;
import dev.fuselage.posix.PosixException;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;

/** What a client is told when the file system says no. */
final class Failures {
  private Failures() {}

  static SnapshotException of(PosixException e) {
    return new SnapshotException(code(e), String.valueOf(e.getMessage()), e);
  }

  private static Code code(PosixException e) {
    return switch (Errno.of(e.errno())) {
      case ENOSPC, EDQUOT, EMFILE, ENFILE, EMLINK, ENOMEM -> Code.RESOURCE_EXHAUSTED;
      default -> Code.UNAVAILABLE;
    };
  }
}
