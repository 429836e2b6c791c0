package dev.fuselage.posix;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Fingerprints of extended attributes, as one thread reads them. An entry is asked by its name
 * below {@code /proc/self/fd}: a special file must not be opened, and only the newest kernels take
 * a name relative to a directory here.
 */
final class AttributeReader {
  private static final int KIND = 3;

  /** What Linux allows a list of names, and a value, to grow to. */
  private static final int MOST_BYTES = 1 << 16;

  private static final byte[] USER = "user.".getBytes(US_ASCII);
  private static final byte[] SECURITY = "security.".getBytes(US_ASCII);

  /** What the node's policy puts on, and may change under a layer. */
  private static final byte[][] OF_POLICY = {
    "security.selinux".getBytes(US_ASCII),
    "security.SMACK64".getBytes(US_ASCII),
    "security.apparmor".getBytes(US_ASCII),
    "security.ima".getBytes(US_ASCII),
    "security.evm".getBytes(US_ASCII)
  };

  private final Calls calls;
  private final Fingerprint fingerprint;
  private int directoryOfWay = TreeNode.CLOSED;
  private byte[] way = {};
  private boolean unsupported;

  /** For lists and values, made when the first is met. */
  private @Nullable MemorySegment memory;

  AttributeReader(Calls calls, Fingerprint fingerprint) {
    this.calls = calls;
    this.fingerprint = fingerprint;
  }

  /** The sum over the attributes of an entry; 0 where it has none. */
  long of(TreeNode directory, byte[] name, long place) throws PosixException {
    if (unsupported) {
      return 0;
    }
    long path = calls.otherName(path(directory.descriptor, name));
    long length = calls.call(SystemCall.LLISTXATTR, path, 0, 0, 0, 0);
    if (length > 0) {
      MemorySegment list = memory();
      length = calls.call(SystemCall.LLISTXATTR, path, list.address(), MOST_BYTES, 0, 0);
      if (length > 0) {
        return sum(list, (int) length, path, directory, name, place);
      }
    }
    return switch (Errno.of((int) -length)) {
      // No error, or gone, or replaced by something else.
      case UNKNOWN, ENOENT, ENOTDIR, ELOOP, ESTALE -> 0;
      case EOPNOTSUPP, ENOSYS -> {
        unsupported = true;
        yield 0;
      }
      default -> throw failure(SystemCall.LLISTXATTR, directory, name, length);
    };
  }

  private long sum(
      MemorySegment list, int length, long path, TreeNode directory, byte[] name, long place)
      throws PosixException {
    byte[] names = list.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    long sum = 0;
    int from = 0;
    for (int end = 0; end < names.length; end++) {
      if (names[end] == 0) {
        if (isOfTheLayer(names, from, end)) {
          byte[] attribute = Arrays.copyOfRange(names, from, end);
          fingerprint.begin(KIND).put(place).put(attribute);
          putValue(path, list.address() + from, directory, name);
          sum += fingerprint.end();
        }
        from = end + 1;
      }
    }
    return sum;
  }

  private void putValue(long path, long attribute, TreeNode directory, byte[] name)
      throws PosixException {
    MemorySegment value = memory().asSlice(MOST_BYTES, MOST_BYTES);
    long length = calls.call(SystemCall.LGETXATTR, path, attribute, value.address(), MOST_BYTES, 0);
    if (length >= 0) {
      fingerprint.put(value.asSlice(0, length));
      return;
    }
    switch (Errno.of((int) -length)) {
      case EACCES, EPERM, EOVERFLOW, ENODATA, ENOENT, ENOTDIR, ELOOP, ESTALE -> {
        // Its name is all that this user may see of it, or it went meanwhile.
      }
      default -> throw failure(SystemCall.LGETXATTR, directory, name, length);
    }
  }

  private static boolean isOfTheLayer(byte[] names, int from, int end) {
    if (startsWith(names, from, end, USER)) {
      return true;
    }
    if (!startsWith(names, from, end, SECURITY)) {
      return false;
    }
    for (byte[] ofPolicy : OF_POLICY) {
      if (startsWith(names, from, end, ofPolicy)) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] names, int from, int end, byte[] prefix) {
    return end - from >= prefix.length
        && Arrays.equals(names, from, from + prefix.length, prefix, 0, prefix.length);
  }

  private static PosixException failure(
      SystemCall call, TreeNode directory, byte[] name, long negated) {
    return new PosixException(call.manualName(), directory.pathOf(name), (int) -negated);
  }

  private byte[] path(int directory, byte[] name) {
    if (directory != directoryOfWay) {
      directoryOfWay = directory;
      way = ("/proc/self/fd/" + directory + "/").getBytes(US_ASCII);
    }
    byte[] path = Arrays.copyOf(way, way.length + name.length);
    System.arraycopy(name, 0, path, way.length, name.length);
    return path;
  }

  private MemorySegment memory() {
    MemorySegment made = memory;
    if (made == null) {
      made = Arena.ofAuto().allocate(2L * MOST_BYTES);
      memory = made;
    }
    return made;
  }
}
