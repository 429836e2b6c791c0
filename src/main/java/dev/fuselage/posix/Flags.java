package dev.fuselage.posix;

/** The kernel's constants; the ones that differ between machines are chosen once. */
final class Flags {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int AT_STATX_DONT_SYNC = 0x4000;

  static final int O_WRITE_ONLY = 0x1;
  static final int O_CREATE = 0x40;
  static final int O_EXCLUSIVE = 0x80;
  static final int O_APPEND = 0x400;
  static final int O_NONBLOCK = 0x800;
  static final int O_NO_ATIME = 0x40000;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  static final int O_DIRECTORY = Architecture.CURRENT.choose(0x10000, 0x4000);
  static final int O_NOFOLLOW = Architecture.CURRENT.choose(0x20000, 0x8000);

  /** A directory to read, following no link in the last component. */
  static final int OPEN_DIRECTORY = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

  /** A file to read, following no link in the last component and waiting for no pipe's writer. */
  static final int OPEN_FILE = O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

  /** The same without a trace in its access time. */
  static final int OPEN_UNSEEN = OPEN_FILE | O_NO_ATIME;

  /** A file to write to its end. */
  static final int OPEN_APPEND = OPEN_FILE | O_WRITE_ONLY | O_APPEND;

  /** A new file to write. */
  static final int OPEN_NEW = OPEN_APPEND | O_CREATE | O_EXCLUSIVE;

  /** A directory to pass through: needs no right to read it. */
  static final int OPEN_PASSAGE = OPEN_DIRECTORY | O_PATH;

  static final int STATX_TYPE = 0x1;
  static final int STATX_MODE = 0x2;
  static final int STATX_NLINK = 0x4;
  static final int STATX_INO = 0x100;
  static final int STATX_BLOCKS = 0x400;

  static final int STATX_BASIC_STATS = 0x7ff;
  static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

  static final int RENAME_NOREPLACE = 1;

  static final int AF_UNIX = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_CLOEXEC = 0x80000;

  static final int TYPE_MASK = 0xf000;
  static final int TYPE_DIRECTORY = 0x4000;
  static final int TYPE_FILE = 0x8000;
  static final int TYPE_LINK = 0xa000;
  static final int PERMISSION_MASK = 0xfff;
  static final int OWNER_ALL = 0x1c0;

  static final int DT_UNKNOWN = 0;
  static final int DT_DIR = 4;

  private Flags() {}
}
