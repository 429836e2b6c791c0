package dev.fuselage.posix;

import java.time.Instant;

/**
 * What the file system says about one entry; a symbolic link speaks for itself, not for its target.
 *
 * @param device the number that Java's {@code unix:dev} shows
 * @param mode type and permission bits
 * @param links hard links
 * @param blocks512 allocated space in units of 512 bytes, whatever the file system's block size
 * @param size length in bytes
 * @param changed when the inode last changed, a new name of it included
 */
public record FileStatus(
    long device,
    long inode,
    int mode,
    int uid,
    int gid,
    long links,
    long blocks512,
    long size,
    Instant changed) {

  /** The status that these calls have just read in full. */
  static FileStatus of(Calls calls) {
    return new FileStatus(
        calls.statusDevice(),
        calls.statusInode(),
        calls.statusMode(),
        calls.statusUid(),
        calls.statusGid(),
        calls.statusLinks(),
        calls.statusBlocks(),
        calls.statusSize(),
        calls.statusChanged());
  }

  public boolean isDirectory() {
    return (mode & Flags.TYPE_MASK) == Flags.TYPE_DIRECTORY;
  }

  /** The lower twelve bits: read, write, execute, set-id and sticky. */
  public int permissions() {
    return mode & Flags.PERMISSION_MASK;
  }
}
