package dev.fuselage.posix;

/** The machines whose call numbers and flags we know. */
enum Architecture {
  X86_64,
  AARCH64;

  static final Architecture CURRENT = of(System.getProperty("os.arch"));

  static Architecture of(String name) {
    return switch (name) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new UnsupportedOperationException(
              "Fuselage runs on x86-64 and aarch64 Linux, not on " + name);
    };
  }

  int choose(int onX86, int onAarch64) {
    return this == X86_64 ? onX86 : onAarch64;
  }
}
