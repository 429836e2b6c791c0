package dev.fuselage.overlay;

import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.PosixException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The directory that everything of ours lives in, open and locked.
 *
 * <pre>
 *   lock                  held for as long as a process serves the root
 *   fuselage.properties   format version, backend and driver
 *   store/                the metadata
 *   snapshots/&lt;id&gt;/fs     a layer, or what was written into a container
 *   snapshots/&lt;id&gt;/record what the store says of it, to make the store again
 *   snapshots/&lt;id&gt;/work   the overlay's scratch space, of active snapshots
 *   backups/              of the metadata, unless they are kept elsewhere
 *   reserve               space that is given up when there is no other
 *   reserve-inodes/       and inodes likewise
 *   trash/                removed, to be deleted at leisure
 * </pre>
 */
public final class Root implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Root.class);

  private static final int PRIVATE = 0700;

  /** ext4 and XFS. */
  private static final Set<Long> ORDERED = Set.of(0xEF53L, 0x58465342L);

  private final Path path;
  private final FileChannel lock;
  private final Directory directory;
  private final Directory snapshots;
  private final Directory trash;
  private final boolean syncsInOrder;
  private Optional<RootMark> mark;

  private Root(Path path, FileChannel lock, Optional<RootMark> mark) throws PosixException {
    this.path = path;
    this.lock = lock;
    this.mark = mark;
    directory = Directory.open(path);
    snapshots = subdirectory("snapshots");
    trash = subdirectory("trash");
    syncsInOrder = ORDERED.contains(directory.fileSystemType());
  }

  private Directory subdirectory(String name) throws PosixException {
    try {
      directory.makeDirectory(name, PRIVATE);
    } catch (PosixException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
    return directory.openDirectory(name);
  }

  /**
   * Opens a root, making it if it is missing, and takes its lock.
   *
   * @param path absolute
   * @throws RootException if another process has it, another version made it, or it can't be used
   */
  public static Root open(Path path) throws RootException {
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      FileChannel lock = lock(path);
      try {
        return new Root(path, lock, RootMark.read(path));
      } catch (IOException | RootException e) {
        lock.close();
        throw e;
      }
    } catch (AccessDeniedException e) {
      throw unusable(path, "permission denied");
    } catch (FileSystemException e) {
      throw unusable(path, Optional.ofNullable(e.getReason()).orElse(e.getMessage()));
    } catch (IOException e) {
      throw unusable(path, e.getMessage());
    }
  }

  private static RootException unusable(Path path, @Nullable String why) {
    return new RootException(
        RootException.Reason.UNUSABLE,
        "cannot use %s as root: %s; make it writable for this user, or set fuselage.root to another directory"
            .formatted(path, why));
  }

  private static FileChannel lock(Path root) throws IOException, RootException {
    FileChannel channel =
        FileChannel.open(
            root.resolve("lock"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE);
    try {
      @Nullable FileLock taken = channel.tryLock();
      if (taken == null) {
        throw inUse(root);
      }
      channel.truncate(0);
      channel.write(
          StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + System.lineSeparator()));
      return channel;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw inUse(root);
    } catch (IOException | RootException e) {
      channel.close();
      throw e;
    }
  }

  private static RootException inUse(Path root) throws IOException {
    String holder = Files.readString(root.resolve("lock")).strip();
    return new RootException(
        RootException.Reason.IN_USE,
        "%s is served by another process%s already: stop that one, or set fuselage.root to another directory"
            .formatted(root, holder.isEmpty() ? "" : " (pid " + holder + ")"));
  }

  /**
   * The driver that made a root's layers, empty for a root that is new or missing.
   *
   * @throws RootException if this version can't serve it
   */
  public static Optional<Driver> driverOf(Path path) throws RootException {
    return RootMark.read(path).map(RootMark::driver);
  }

  /**
   * Settles the driver for the life of the root.
   *
   * @throws RootException FOREIGN, if another one made its layers
   */
  public void settle(Driver driver) throws RootException {
    if (mark.isPresent()) {
      Driver before = mark.get().driver();
      if (before != driver) {
        throw new RootException(
            RootException.Reason.FOREIGN,
            "the layers in %s were made with driver %s, and %s marks deleted files otherwise: set fuselage.driver=%s, or set fuselage.root to another directory"
                .formatted(path, before.label(), driver.label(), before.label()));
      }
      return;
    }
    RootMark fresh = new RootMark(RootMark.FORMAT, RootMark.BACKEND, driver);
    try {
      fresh.write(path);
    } catch (IOException e) {
      throw unusable(path, e.getMessage());
    }
    mark = Optional.of(fresh);
  }

  public Path path() {
    return path;
  }

  /** Where the metadata store lives. */
  public Path store() {
    return path.resolve("store");
  }

  /**
   * Whether the file system's journal keeps the order of all changes, so that what puts a new file
   * on the disk puts there what was made before it, too.
   */
  boolean syncsInOrder() {
    return syncsInOrder;
  }

  /** The root itself, open for its whole life, so that no write-back error goes unseen. */
  public Directory directory() {
    return directory;
  }

  public Directory snapshots() {
    return snapshots;
  }

  public Directory trash() {
    return trash;
  }

  /** Gives the lock back. Twice is harmless. */
  @Override
  public void close() {
    trash.close();
    snapshots.close();
    directory.close();
    try {
      lock.close();
    } catch (IOException e) {
      // The descriptor is gone whatever close answers, and the lock with it.
      LOG.debugf(e, "closing the lock of %s", path);
    }
  }
}
