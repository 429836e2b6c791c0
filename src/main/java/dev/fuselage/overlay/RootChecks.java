package dev.fuselage.overlay;

import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.posix.Directory;
import dev.fuselage.posix.EntryTypes;
import dev.fuselage.posix.Errno;
import dev.fuselage.posix.ExtendedAttributes;
import dev.fuselage.posix.FileStatus;
import dev.fuselage.posix.PosixException;
import dev.fuselage.posix.Space;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the root's file system must do, shown in a scratch directory.
 *
 * @param scratch on that file system, empty, this user's own
 */
record RootChecks(Machine machine, Directory scratch) {
  static final String TYPES = "entry types";
  static final String ATTRIBUTES = "extended attributes";
  static final String OWNERS = "owners";
  static final String SPACE = "space";

  private static final long GIBIBYTE = 1L << 30;
  private static final long FEW_BYTES = GIBIBYTE;
  private static final long FEW_INODES = 10_000;
  private static final String OWNED = "owned";

  /** Whether reading a directory tells what each entry is, which overlays lean on. */
  Finding types(Driver driver) throws IOException {
    Path entry = Files.createDirectory(scratch.path().resolve("typed"));
    try {
      return judgeTypes(EntryTypes.areTold(scratch), driver);
    } finally {
      Files.delete(entry);
    }
  }

  static Finding judgeTypes(boolean told, Driver driver) {
    if (told) {
      return Finding.ok(TYPES, "directories tell the type of each entry");
    }
    String remedy = "make the file system anew with d_type (mkfs.xfs -n ftype=1)";
    return driver == Driver.OVERLAYFS
        ? Finding.fatal(
            TYPES,
            "directories do not tell the type of an entry, so deleted files show as devices",
            remedy + ", or set fuselage.driver=fuse-overlayfs")
        : Finding.warn(
            TYPES,
            "directories do not tell the type of an entry, so every walk asks for each one",
            remedy);
  }

  Finding attributes(Driver driver, OverlayAbilities abilities) throws IOException {
    return judgeAttributes(ExtendedAttributes.storesUserAttributes(scratch), driver, abilities);
  }

  static Finding judgeAttributes(boolean stored, Driver driver, OverlayAbilities abilities) {
    if (stored) {
      return Finding.ok(ATTRIBUTES, "user.* attributes are kept");
    }
    String remedy = "use a file system that keeps them, such as ext4, XFS or Btrfs";
    return driver == Driver.OVERLAYFS && abilities.userxattr()
        ? Finding.fatal(
            ATTRIBUTES,
            "user.* attributes are refused, and the kernel's overlay in a user namespace needs"
                + " them for opaque directories",
            remedy + ", or set fuselage.driver=fuse-overlayfs")
        : Finding.warn(
            ATTRIBUTES,
            "user.* attributes are refused: images that carry them cannot be unpacked whole",
            remedy);
  }

  /** Whether layers may get the owners that they have in their image. */
  Finding owners() throws IOException {
    OptionalInt uid = otherId(machine.text("/proc/self/uid_map").orElse(""));
    OptionalInt gid = otherId(machine.text("/proc/self/gid_map").orElse(""));
    if (uid.isEmpty() || gid.isEmpty()) {
      return Finding.warn(
          OWNERS,
          "this user namespace maps no id but its root: images with files of other owners cannot"
              + " be unpacked",
          "give the user subordinate ids (usermod --add-subuids 100000-165535 --add-subgids"
              + " 100000-165535 USER) and start the namespace with newuidmap");
    }
    Path file = Files.createFile(scratch.path().resolve(OWNED));
    try {
      scratch.changeOwner(OWNED, uid.getAsInt(), gid.getAsInt());
      FileStatus status = scratch.status(OWNED);
      if (status.uid() != uid.getAsInt() || status.gid() != gid.getAsInt()) {
        return Finding.fatal(
            OWNERS,
            "the file system forgets the owner that a file is given",
            "put fuselage.root on a file system that keeps owners");
      }
      return Finding.ok(OWNERS, "files can be given to other users");
    } catch (PosixException e) {
      if (!e.is(Errno.EPERM) && !e.is(Errno.EACCES)) {
        throw e;
      }
      return Finding.fatal(
          OWNERS,
          "no right to give files to other users: " + e.getMessage(),
          "run as root of its (user) namespace with the capability CAP_CHOWN; on NFS export"
              + " with no_root_squash");
    } finally {
      Files.delete(file);
    }
  }

  /** An id other than 0 that the map has; empty if there is none. */
  static OptionalInt otherId(String map) {
    for (String line : map.lines().map(String::strip).filter(text -> !text.isEmpty()).toList()) {
      List<Long> numbers = List.of(line.split("\\s+")).stream().map(Long::valueOf).toList();
      long first = Math.max(1, numbers.getFirst());
      if (first < numbers.getFirst() + numbers.getLast() && first <= Integer.MAX_VALUE) {
        return OptionalInt.of((int) first);
      }
    }
    return OptionalInt.empty();
  }

  Finding space() throws IOException {
    return judgeSpace(scratch.space());
  }

  static Finding judgeSpace(Space space) {
    String seen =
        "%.1f of %.1f GiB free"
            .formatted(
                (double) space.freeBytes() / GIBIBYTE, (double) space.totalBytes() / GIBIBYTE);
    String remedy = "remove images that nothing uses, or grow the file system";
    if (space.freeBytes() < FEW_BYTES) {
      return Finding.warn(SPACE, seen + ": few images fit in there", remedy);
    }
    if (space.totalInodes() > 0 && space.freeInodes() < FEW_INODES) {
      return Finding.warn(
          SPACE,
          seen + ", but only " + space.freeInodes() + " inodes: few images fit in there",
          remedy + " with more inodes");
    }
    return Finding.ok(SPACE, seen);
  }
}
