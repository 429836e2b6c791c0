package dev.fuselage.posix;

import java.util.Locale;

/** The system calls in use, by their numbers in the kernel's two tables. */
enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  LSEEK(8, 62),
  SOCKET(41, 198),
  CONNECT(42, 203),
  FSYNC(74, 82),
  FCHMOD(91, 52),
  UMASK(95, 166),
  GETEUID(107, 175),
  FSTATFS(138, 44),
  GETTID(186, 178),
  FSETXATTR(190, 7),
  LGETXATTR(192, 9),
  FGETXATTR(193, 10),
  LLISTXATTR(195, 12),
  FREMOVEXATTR(199, 16),
  GETDENTS64(217, 61),
  OPENAT(257, 56),
  MKDIRAT(258, 34),
  FCHOWNAT(260, 54),
  UNLINKAT(263, 35),
  RENAMEAT(264, 38),
  READLINKAT(267, 78),
  FCHMODAT(268, 53),
  FALLOCATE(285, 47),
  SYNCFS(306, 267),
  RENAMEAT2(316, 276),
  STATX(332, 291),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  MOUNT_SETATTR(442, 442);

  private final int onX86;
  private final int onAarch64;
  private final long number;

  SystemCall(int onX86, int onAarch64) {
    this.onX86 = onX86;
    this.onAarch64 = onAarch64;
    this.number = number(Architecture.CURRENT);
  }

  int number(Architecture architecture) {
    return architecture.choose(onX86, onAarch64);
  }

  long number() {
    return number;
  }

  /** As its manual page writes it. */
  String manualName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
