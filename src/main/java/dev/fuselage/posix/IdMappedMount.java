package dev.fuselage.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A bind mount that shows owners through the map of a user namespace (Linux 5.12). */
public final class IdMappedMount {
  private static final int OPEN_TREE_CLONE = 1;
  private static final int MOVE_MOUNT_EMPTY_SOURCE = 4;
  private static final long MOUNT_ATTR_IDMAP = 0x100000;
  private static final int USER_NAMESPACE_OFFSET = 24;

  /** {@code struct mount_attr}: what to set, what to clear, propagation, the namespace. */
  private static final MemoryLayout ATTRIBUTES =
      MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_LONG);

  private IdMappedMount() {}

  /**
   * Mounts one directory on another in this process's mount namespace.
   *
   * @param userNamespace such as {@code /proc/42/ns/user}
   */
  public static void bind(Path source, Path target, Path userNamespace) throws PosixException {
    try (Calls calls = Calls.borrow();
        Arena arena = Arena.ofConfined()) {
      long from = calls.name(Names.encode(source.toString()));
      int flags = OPEN_TREE_CLONE | Flags.O_CLOEXEC;
      int tree =
          check(
              calls.call(SystemCall.OPEN_TREE, Flags.AT_FDCWD, from, flags, 0, 0),
              SystemCall.OPEN_TREE,
              source);
      try {
        map(calls, arena, tree, userNamespace);
        long to = calls.name(Names.encode(target.toString()));
        long empty = arena.allocateFrom("").address();
        check(
            calls.call(
                SystemCall.MOVE_MOUNT, tree, empty, Flags.AT_FDCWD, to, MOVE_MOUNT_EMPTY_SOURCE),
            SystemCall.MOVE_MOUNT,
            target);
      } finally {
        calls.close(tree);
      }
    }
  }

  private static void map(Calls calls, Arena arena, int tree, Path userNamespace)
      throws PosixException {
    long name = calls.name(Names.encode(userNamespace.toString()));
    int opened =
        check(
            calls.openat(Flags.AT_FDCWD, name, Flags.O_CLOEXEC), SystemCall.OPENAT, userNamespace);
    try {
      MemorySegment attributes = arena.allocate(ATTRIBUTES);
      attributes.set(ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
      attributes.set(ValueLayout.JAVA_LONG, USER_NAMESPACE_OFFSET, opened);
      long empty = arena.allocateFrom("").address();
      check(
          calls.call(
              SystemCall.MOUNT_SETATTR,
              tree,
              empty,
              Flags.AT_EMPTY_PATH,
              attributes.address(),
              ATTRIBUTES.byteSize()),
          SystemCall.MOUNT_SETATTR,
          userNamespace);
    } finally {
      calls.close(opened);
    }
  }

  private static int check(long result, SystemCall call, Path subject) throws PosixException {
    return Directory.checked((int) result, call, subject.toString());
  }
}
