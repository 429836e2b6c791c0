package dev.fuselage.overlay;

import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.PosixException;
import java.util.Set;

/**
 * Inodes that are kept back as empty files in a directory of the root. A file system that counts
 * its inodes can run out of them with all its bytes free, and a store makes several files when it
 * is opened, or begins another log.
 */
final class InodeReserve {
  static final String NAME = "reserve-inodes";

  /** A store has some ten files, and writes most of them anew when it is opened. */
  static final int COUNT = 32;

  private static final int DIRECTORY_MODE = 0700;
  private static final int MODE = 0600;

  private final Directory root;

  InodeReserve(Directory root) {
    this.root = root;
  }

  /** Whether it is there; maybe in part, after a crash. */
  boolean isThere() {
    try {
      return root.status(NAME).isDirectory();
    } catch (PosixException e) {
      return false;
    }
  }

  /** Keeps all of them back; those that are there already stay. */
  void keep() throws PosixException {
    try {
      root.makeDirectory(NAME, DIRECTORY_MODE);
    } catch (PosixException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
    try (Directory directory = root.openDirectory(NAME)) {
      // A crash may have left a part of them.
      Set<String> there = Set.copyOf(directory.names());
      for (int i = 0; i < COUNT; i++) {
        String name = Integer.toString(i);
        if (!there.contains(name)) {
          directory.createFile(name, MODE).close();
        }
      }
    }
  }

  /** Gives up what there is. Returns whether there was any. */
  boolean give() throws PosixException {
    try (Directory directory = root.openDirectory(NAME)) {
      for (String name : directory.names()) {
        directory.removeFile(name);
      }
    } catch (PosixException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
    root.removeDirectory(NAME);
    return true;
  }
}
