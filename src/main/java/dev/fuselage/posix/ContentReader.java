package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Fingerprints of what files hold, as one thread reads them. */
final class ContentReader {
  private static final int KIND = 5;
  private static final int READ_AT_ONCE = 1 << 17;

  private final Calls calls;
  private final Fingerprint fingerprint;

  /** Made when the first file is met. */
  private @Nullable MemorySegment memory;

  ContentReader(Calls calls, Fingerprint fingerprint) {
    this.calls = calls;
    this.fingerprint = fingerprint;
  }

  /** The fingerprint of a regular file's content and its place. */
  long of(TreeNode directory, byte[] name, long place) throws PosixException {
    int opened = calls.openat(directory.descriptor, calls.otherName(name), Flags.OPEN_UNSEEN);
    if (opened == -Errno.EPERM.number()) {
      // Only the owner may read without leaving a trace.
      opened = calls.openat(directory.descriptor, calls.otherName(name), Flags.OPEN_FILE);
    }
    if (opened < 0) {
      return switch (Errno.of(-opened)) {
        // This user may not read it, at Commit as little as now; or it went meanwhile.
        case EACCES, ENOENT, ENOTDIR, ELOOP, ESTALE -> 0;
        default -> throw failure(SystemCall.OPENAT, directory, name, opened);
      };
    }
    try {
      long content = read(opened, directory, name);
      return fingerprint.begin(KIND).put(place).put(content).end();
    } finally {
      calls.close(opened);
    }
  }

  private long read(int opened, TreeNode directory, byte[] name) throws PosixException {
    MemorySegment buffer = memory();
    fingerprint.beginStream();
    while (true) {
      long count = calls.call(SystemCall.READ, opened, buffer.address(), READ_AT_ONCE, 0, 0);
      if (count < 0) {
        throw failure(SystemCall.READ, directory, name, count);
      }
      if (count == 0) {
        return fingerprint.endStream();
      }
      fingerprint.update(buffer.asSlice(0, count).asByteBuffer());
    }
  }

  private static PosixException failure(
      SystemCall call, TreeNode directory, byte[] name, long negated) {
    return new PosixException(call.manualName(), directory.pathOf(name), (int) -negated);
  }

  private MemorySegment memory() {
    MemorySegment made = memory;
    if (made == null) {
      made = Arena.ofAuto().allocate(READ_AT_ONCE);
      memory = made;
    }
    return made;
  }
}
