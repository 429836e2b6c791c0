package dev.fuselage.overlay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which fuse-overlayfs this is.
 *
 * @param finding as what its own list of changes says has it
 * @param version empty where it can't be seen, or does not tell
 */
record FuseOverlayfsVersion(Finding finding, Optional<Version> version) {
  private static final Pattern LINE =
      Pattern.compile("fuse-overlayfs:?\\s+(?:version\\s+)?v?(\\d.*)");
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final Version OPAQUE_AND_READ_ONLY = new Version(0, 7, 0);
  private static final Version WHITEOUTS_ON_RENAME = new Version(1, 9, 0);
  private static final String UPDATE = "update fuse-overlayfs to 1.9 or later";

  /** Of one that is not there, or can't be seen. */
  static FuseOverlayfsVersion unseen(Finding finding) {
    return new FuseOverlayfsVersion(finding, Optional.empty());
  }

  static FuseOverlayfsVersion of(Path program) throws IOException, InterruptedException {
    Path output = Files.createTempFile("fuse-overlayfs-version", "");
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      try {
        if (!process.waitFor(LIMIT)) {
          return untold(program + " --version did not end within " + LIMIT.toSeconds() + " s");
        }
      } finally {
        process.destroyForcibly();
      }
      return judge(program, Files.readString(output, StandardCharsets.ISO_8859_1));
    } finally {
      Files.delete(output);
    }
  }

  private static FuseOverlayfsVersion judge(Path program, String output) {
    Matcher line = LINE.matcher(output);
    Optional<Version> found = line.find() ? Version.find(line.group(1)) : Optional.empty();
    return found.isEmpty()
        ? untold(program + " --version does not tell its version")
        : new FuseOverlayfsVersion(judge(program, found.get()), found);
  }

  private static Finding judge(Path program, Version version) {
    String seen = program + ", version " + version;
    if (version.isBefore(OPAQUE_AND_READ_ONLY)) {
      return Finding.fatal(
          HostChecks.FUSE_OVERLAYFS,
          seen + ", can mount no view of several layers and misreads opaque directories",
          UPDATE);
    }
    if (version.isBefore(WHITEOUTS_ON_RENAME)) {
      return Finding.warn(
          HostChecks.FUSE_OVERLAYFS,
          seen + ", lets deleted files show again after some renames",
          UPDATE);
    }
    return Finding.ok(HostChecks.FUSE_OVERLAYFS, seen);
  }

  private static FuseOverlayfsVersion untold(String detail) {
    return unseen(Finding.unknown(HostChecks.FUSE_OVERLAYFS, detail, UPDATE + " if it is older"));
  }
}
