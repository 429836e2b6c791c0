package dev.fuselage.overlay;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The file systems that we know something about, by the kernel's magic number in statfs(2). */
enum RootFileSystem {
  EXT(0xEF53, "ext4", Nature.LOCAL),
  XFS(0x58465342, "XFS", Nature.LOCAL),
  BTRFS(0x9123683E, "Btrfs", Nature.LOCAL),
  F2FS(0xF2F52010, "F2FS", Nature.LOCAL),
  ZFS(0x2FC12FC1, "ZFS", Nature.LOCAL),
  BCACHEFS(0xCA451A4E, "bcachefs", Nature.LOCAL),
  TMPFS(0x01021994, "tmpfs", Nature.MEMORY),
  RAMFS(0x858458F6, "ramfs", Nature.MEMORY),
  OVERLAY(0x794C7630, "overlay", Nature.OVERLAY),
  FUSE(0x65735546, "FUSE", Nature.FOREIGN),
  NFS(0x6969, "NFS", Nature.FOREIGN),
  CIFS(0xFF534D42, "CIFS", Nature.FOREIGN),
  SMB2(0xFE534D42, "SMB", Nature.FOREIGN),
  CEPH(0x00C36400, "Ceph", Nature.FOREIGN),
  PLAN9(0x01021997, "9p", Nature.FOREIGN),
  VFAT(0x4D44, "FAT", Nature.OWNERLESS),
  EXFAT(0x2011BAB0, "exFAT", Nature.OWNERLESS);

  static final String CHECK = "file system";

  private static final String PUT_ON_DISK = "put fuselage.root on ext4, XFS or Btrfs";

  private enum Nature {
    LOCAL,
    MEMORY,
    OVERLAY,
    /** Served by a process or another machine, which has its own mind about owners and speed. */
    FOREIGN,
    OWNERLESS
  }

  private final int magic;
  private final String label;
  private final Nature nature;

  RootFileSystem(int magic, String label, Nature nature) {
    this.magic = magic;
    this.label = label;
    this.nature = nature;
  }

  static Optional<RootFileSystem> of(long magic) {
    return Arrays.stream(values()).filter(known -> known.magic == (int) magic).findFirst();
  }

  /**
   * What a root on a file system of that number comes to.
   *
   * @param proven a trial has shown that the driver works on it
   * @param container this process is in a container
   */
  static Finding judge(long magic, Driver driver, boolean proven, boolean container) {
    return of(magic)
        .map(known -> known.judge(driver, proven, container))
        .orElseGet(
            () ->
                Finding.unknown(
                    CHECK,
                    String.format(
                        Locale.ROOT, "type 0x%x, of which nothing is known here", (int) magic),
                    PUT_ON_DISK + " if layers turn out damaged"));
  }

  private Finding judge(Driver driver, boolean proven, boolean container) {
    if (driver == Driver.OVERLAYFS
        && !proven
        && (nature == Nature.OVERLAY || nature == Nature.FOREIGN)) {
      return Finding.fatal(
          CHECK,
          label + " cannot hold the kernel's overlay",
          PUT_ON_DISK + ", or set fuselage.driver=fuse-overlayfs");
    }
    return switch (nature) {
      case LOCAL -> Finding.ok(CHECK, label);
      case MEMORY ->
          Finding.warn(
              CHECK,
              label
                  + ": layers take memory, and a reboot loses them while containerd still lists"
                  + " its images",
              PUT_ON_DISK);
      case OVERLAY ->
          Finding.warn(
              CHECK,
              container
                  ? "overlay: the layers would be in this container's own layer, where containerd"
                      + " outside does not find them"
                  : "overlay: one more layer below every layer makes all of it slower",
              container
                  ? "mount a directory of the host there, at the same path as outside"
                  : PUT_ON_DISK);
      case FOREIGN ->
          Finding.warn(
              CHECK,
              label + ": owners, locks, syncs and speed are what the other side makes of them",
              PUT_ON_DISK);
      case OWNERLESS ->
          Finding.fatal(CHECK, label + " keeps no owners, modes or links of files", PUT_ON_DISK);
    };
  }
}
