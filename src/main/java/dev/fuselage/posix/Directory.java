package dev.fuselage.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An open directory. Every name given to it is one component, or several joined by {@code /}, below
 * it: absolute names, {@code .} and {@code ..} are refused with an {@link
 * IllegalArgumentException}, and a symbolic link is never followed, neither in the last component
 * nor on the way (ENOTDIR or ELOOP).
 *
 * <p>Safe for many threads. A call that begins after {@link #close} fails with EBADF; one under way
 * ends as if nothing had happened.
 */
public final class Directory implements AutoCloseable {
  private final Descriptor descriptor;
  private final Path path;

  private Directory(int descriptor, Path path) {
    this.descriptor = new Descriptor(descriptor);
    this.path = path;
  }

  /** Opens a directory by its path, following links in it. */
  public static Directory open(Path path) throws PosixException {
    String subject = path.toString();
    try (Calls calls = Calls.borrow()) {
      long name = calls.name(Names.encode(subject));
      int opened = calls.openat(Flags.AT_FDCWD, name, Flags.O_DIRECTORY | Flags.O_CLOEXEC);
      return new Directory(checked(opened, SystemCall.OPENAT, subject), path);
    }
  }

  /** Where it was when it was opened, for people; a byte that no path can show reads "?". */
  public Path path() {
    return path;
  }

  public Directory openDirectory(String name) throws PosixException {
    int opened =
        at(
            name,
            SystemCall.OPENAT,
            (calls, directory, last) -> calls.openat(directory, last, Flags.OPEN_DIRECTORY));
    return new Directory(opened, below(name));
  }

  /** Makes a directory whose permission bits are exactly {@code mode}, whatever the umask. */
  public void makeDirectory(String name, int mode) throws PosixException {
    try (Calls calls = Calls.borrow();
        Place place = Place.find(calls, this, name, SystemCall.MKDIRAT)) {
      int directory = place.directory();
      long last = place.name();
      long made = calls.call(SystemCall.MKDIRAT, directory, last, mode, 0, 0);
      checked((int) made, SystemCall.MKDIRAT, name);
      // What the umask, a default ACL or a set-group-id parent made of the mode shows only now.
      int looked = calls.statx(directory, last, Flags.AT_SYMLINK_NOFOLLOW, Flags.STATX_MODE);
      checked(looked, SystemCall.STATX, name);
      if ((calls.statusMode() & Flags.PERMISSION_MASK) != mode) {
        checked(calls.changeMode(directory, last, mode), SystemCall.FCHMOD, name);
      }
    }
  }

  /** The status of an entry, a link's own for a link; of this directory for the empty name. */
  public FileStatus status(String name) throws PosixException {
    try (Calls calls = Calls.borrow()) {
      if (name.isEmpty()) {
        int own = use(SystemCall.STATX);
        try {
          int looked = calls.statxOpened(own, Flags.STATX_BASIC_STATS);
          checked(looked, SystemCall.STATX, path.toString());
        } finally {
          descriptor.release();
        }
      } else {
        at(
            calls,
            name,
            SystemCall.STATX,
            (same, directory, last) ->
                same.statx(directory, last, Flags.AT_SYMLINK_NOFOLLOW, Flags.STATX_BASIC_STATS));
      }
      return FileStatus.of(calls);
    }
  }

  /** Gives an entry, a link itself for a link, to another owner; -1 leaves one of the two. */
  public void changeOwner(String name, int uid, int gid) throws PosixException {
    at(
        name,
        SystemCall.FCHOWNAT,
        (calls, directory, last) ->
            (int)
                calls.call(
                    SystemCall.FCHOWNAT, directory, last, uid, gid, Flags.AT_SYMLINK_NOFOLLOW));
  }

  /** Moves an entry; EEXIST where the target's name is taken. */
  public void rename(String name, Directory target, String targetName) throws PosixException {
    String subject = name + " to " + targetName;
    try (Calls calls = Calls.borrow();
        Calls targetCalls = Calls.borrow();
        Place to = Place.find(targetCalls, target, targetName, SystemCall.RENAMEAT2);
        Place from = Place.find(calls, this, name, SystemCall.RENAMEAT2)) {
      int result = move(calls, SystemCall.RENAMEAT2, from, to, Flags.RENAME_NOREPLACE);
      if (result == -Errno.EINVAL.number() || result == -Errno.ENOSYS.number()) {
        // A file system without that flag: plain rename, which replaces only an empty directory.
        result = move(calls, SystemCall.RENAMEAT, from, to, 0);
      }
      checked(result, SystemCall.RENAMEAT2, subject);
    }
  }

  public void removeDirectory(String name) throws PosixException {
    at(
        name,
        SystemCall.UNLINKAT,
        (calls, directory, last) -> calls.unlinkat(directory, last, Flags.AT_REMOVEDIR));
  }

  /** Makes a file, open to be written; EEXIST where the name is taken. */
  public OpenFile createFile(String name, int mode) throws PosixException {
    return openFile(name, Flags.OPEN_NEW, mode);
  }

  /** Opens a file to be written to its end. */
  public OpenFile openToAppend(String name) throws PosixException {
    return openFile(name, Flags.OPEN_APPEND, 0);
  }

  /** Opens a file to be read. */
  public OpenFile openToRead(String name) throws PosixException {
    return openFile(name, Flags.OPEN_FILE, 0);
  }

  private OpenFile openFile(String name, int flags, int mode) throws PosixException {
    int opened =
        at(
            name,
            SystemCall.OPENAT,
            (calls, directory, last) ->
                (int) calls.call(SystemCall.OPENAT, directory, last, flags, mode, 0));
    return new OpenFile(opened, name);
  }

  /** Gives an entry another name, which it takes from whoever has it. */
  public void replace(String name, String newName) throws PosixException {
    try (Calls calls = Calls.borrow();
        Calls targetCalls = Calls.borrow();
        Place to = Place.find(targetCalls, this, newName, SystemCall.RENAMEAT);
        Place from = Place.find(calls, this, name, SystemCall.RENAMEAT)) {
      int result = move(calls, SystemCall.RENAMEAT, from, to, 0);
      checked(result, SystemCall.RENAMEAT, name + " to " + newName);
    }
  }

  public void removeFile(String name) throws PosixException {
    at(name, SystemCall.UNLINKAT, (calls, directory, last) -> calls.unlinkat(directory, last, 0));
  }

  /** The names of all entries without "." and "..", in no order; see the package on their form. */
  public List<String> names() throws PosixException {
    int own = use(SystemCall.GETDENTS64);
    try (Calls calls = Calls.borrow()) {
      // A descriptor of its own: the place where reading goes on belongs to the open file.
      int opened = calls.openat(own, calls.name(new byte[] {'.'}), Flags.OPEN_DIRECTORY);
      checked(opened, SystemCall.OPENAT, path.toString());
      try {
        List<String> names = new ArrayList<>();
        int result = EntryBuffer.forEach(calls, opened, name -> names.add(Names.decode(name)));
        checked(result, SystemCall.GETDENTS64, path.toString());
        return names;
      } finally {
        calls.close(opened);
      }
    } finally {
      descriptor.release();
    }
  }

  /** Puts this directory's entries on the disk, not what they hold. */
  public void sync() throws PosixException {
    onSelf(SystemCall.FSYNC);
  }

  /**
   * Puts the whole file system on the disk. A write-back error is told once to each open descriptor
   * that was open when it happened: keep one directory open for this.
   */
  public void syncFileSystem() throws PosixException {
    onSelf(SystemCall.SYNCFS);
  }

  public Space space() throws PosixException {
    try (Calls calls = Calls.borrow()) {
      return Space.of(fileSystem(calls));
    }
  }

  /** The kernel's magic number of the file system, as in statfs(2): 0xEF53 is ext2 to ext4. */
  public long fileSystemType() throws PosixException {
    try (Calls calls = Calls.borrow()) {
      return fileSystem(calls).get(ValueLayout.JAVA_LONG, 0);
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }

  /** The number of the open descriptor, good until {@link #release}. */
  int use(SystemCall call) throws PosixException {
    return checked(descriptor.acquire(), call, path.toString());
  }

  void release() {
    descriptor.release();
  }

  static int checked(int result, SystemCall call, String subject) throws PosixException {
    if (result < 0) {
      throw new PosixException(call.manualName(), subject, -result);
    }
    return result;
  }

  private MemorySegment fileSystem(Calls calls) throws PosixException {
    int own = use(SystemCall.FSTATFS);
    try {
      MemorySegment answer = calls.scratch();
      long result = calls.call(SystemCall.FSTATFS, own, answer.address(), 0, 0, 0);
      checked((int) result, SystemCall.FSTATFS, path.toString());
      return answer;
    } finally {
      descriptor.release();
    }
  }

  private void onSelf(SystemCall call) throws PosixException {
    int own = use(call);
    try (Calls calls = Calls.borrow()) {
      checked((int) calls.call(call, own), call, path.toString());
    } finally {
      descriptor.release();
    }
  }

  private int at(String name, SystemCall call, AtCall body) throws PosixException {
    try (Calls calls = Calls.borrow()) {
      return at(calls, name, call, body);
    }
  }

  private int at(Calls calls, String name, SystemCall call, AtCall body) throws PosixException {
    try (Place place = Place.find(calls, this, name, call)) {
      return checked(body.make(calls, place.directory(), place.name()), call, name);
    }
  }

  private static int move(Calls calls, SystemCall call, Place from, Place to, int flags) {
    return (int) calls.call(call, from.directory(), from.name(), to.directory(), to.name(), flags);
  }

  private Path below(String name) {
    try {
      return path.resolve(name);
    } catch (InvalidPathException notAsText) {
      return path.resolve(name.replaceAll("[^ -~]", "?"));
    }
  }

  @FunctionalInterface
  private interface AtCall {
    int make(Calls calls, int directory, long name);
  }
}
