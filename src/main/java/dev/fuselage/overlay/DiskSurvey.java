package dev.fuselage.overlay;

import dev.fuselage.admin.Report;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.FileStatus;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.Space;
import dev.fuselage.posix.TreeWalker;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.util.List;

/**
 * What a root holds besides the files of its snapshots, part by part: together with those it is
 * what {@code du} says of the root. Every method throws a {@link SnapshotException} UNAVAILABLE
 * where the disk does not answer.
 */
public final class DiskSurvey {
  private static final String FILES = "fs";

  private final Root root;

  public DiskSurvey(Root root) {
    this.root = root;
  }

  /** The names in the directory of snapshots: ids, and what is none of ours. */
  public List<String> snapshotDirectories() {
    return names(root.snapshots());
  }

  /** The names of the trees in the trash. */
  public List<String> trash() {
    return names(root.trash());
  }

  private static List<String> names(Directory directory) {
    try {
      return directory.names();
    } catch (PosixException e) {
      throw Failures.of(e);
    }
  }

  /** A snapshot's own directory and scratch space, without its files. */
  public Usage besidesFiles(SnapshotId id, Call call) {
    try (Directory directory = root.snapshots().openDirectory(id.toString())) {
      Usage usage = alone(directory, "");
      for (String name : directory.names()) {
        if (!name.equals(FILES)) {
          usage = usage.plus(tree(directory, name, call));
        }
      }
      return usage;
    } catch (PosixException e) {
      return absent(e);
    }
  }

  /** All of a directory among the snapshots; nothing if it is gone. */
  public Usage snapshotDirectory(String name, Call call) {
    return tree(root.snapshots(), name, call);
  }

  /** A tree in the trash; nothing if it is gone. */
  public Usage trash(String name, Call call) {
    return tree(root.trash(), name, call);
  }

  /** The names in the root itself. */
  public List<String> own() {
    return names(root.directory());
  }

  /**
   * What is ours alone of an entry of the root, or of the root's directory for the empty name:
   * snapshots and trash without what is in them.
   */
  public Usage own(String name, Call call) {
    return switch (name) {
      case "", "snapshots", "trash" -> alone(root.directory(), name);
      default -> tree(root.directory(), name, call);
    };
  }

  /** What an entry of the root is part of. */
  public static Report.Part part(String name) {
    return switch (name) {
      case "store" -> Report.Part.STORE;
      case "backups" -> Report.Part.BACKUPS;
      default -> Report.Part.FILES;
    };
  }

  /** How full the disk is. */
  public Report.FileSystem fileSystem() {
    try {
      Space space = root.directory().space();
      return new Report.FileSystem(
          space.totalBytes(), space.freeBytes(), space.totalInodes(), space.freeInodes());
    } catch (PosixException e) {
      throw Failures.of(e);
    }
  }

  private static Usage alone(Directory directory, String name) {
    try {
      FileStatus status = directory.status(name);
      return new Usage(status.blocks512() * 512, 1);
    } catch (PosixException e) {
      return absent(e);
    }
  }

  private static Usage tree(Directory directory, String name, Call call) {
    try {
      TreeWalker.Totals totals = TreeWalker.measure(directory, name, call::check);
      return new Usage(totals.bytes(), totals.inodes());
    } catch (PosixException e) {
      return absent(e);
    }
  }

  private static Usage absent(PosixException e) {
    if (e.is(Errno.ENOENT)) {
      return Usage.NONE;
    }
    throw Failures.of(e);
  }
}
