package dev.fuselage.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A mounted file system on a disk whose power can be cut: a loop device on a file that {@code
 * cmd/powerdisk} serves.
 */
final class PowerDisk implements AutoCloseable {
  private static final int TRIES = 100;

  private final Workspace workspace;
  private final Path mountPoint;
  private final Path served;
  private final Process server;
  private final BufferedReader answers;
  private String device = "";

  private PowerDisk(Workspace workspace, Path image, Path mountPoint) throws IOException {
    this.workspace = workspace;
    this.mountPoint = mountPoint;
    this.served = workspace.resolve("served");
    Files.createDirectories(mountPoint);
    Files.createDirectories(served);
    Path log = workspace.resolve("powerdisk.log");
    server =
        workspace
            .command(
                Parts.goCommand("powerdisk").toString(),
                "-image",
                image.toString(),
                "-mount",
                served.toString())
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    answers = server.inputReader();
  }

  /** Makes an image of a file system, ext4 or xfs, with nothing in it. */
  static Path make(Workspace workspace, String type) throws IOException {
    Parts.needRoot();
    Parts.needFuse();
    Path image = workspace.resolve("image");
    // The least that mkfs.xfs takes.
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(0);
      file.setLength(320L << 20);
    }
    if (type.equals("xfs")) {
      String mkfs = Parts.needed("mkfs.xfs", "xfsprogs").toString();
      workspace.run(mkfs, "-q", "-K", image.toString()).succeeded();
    } else {
      String mkfs = Parts.needed("mkfs.ext4", "e2fsprogs").toString();
      String plainly = "nodiscard,lazy_itable_init=0,lazy_journal_init=0";
      workspace.run(mkfs, "-q", "-E", plainly, image.toString()).succeeded();
    }
    return image;
  }

  /** Switches it on: what its journal knows is done again. */
  static PowerDisk on(Workspace workspace, Path image, String type, Path mountPoint)
      throws IOException {
    PowerDisk disk = new PowerDisk(workspace, image, mountPoint);
    try {
      disk.expect("ready");
      disk.device =
          workspace
              .run(
                  "losetup",
                  "--find",
                  "--show",
                  "--direct-io=on",
                  disk.served.resolve("disk").toString())
              .succeeded()
              .out()
              .strip();
      workspace.run("mount", "-t", type, disk.device, mountPoint.toString()).succeeded();
      return disk;
    } catch (IOException | RuntimeException | Error e) {
      disk.close();
      throw e;
    }
  }

  /** Cuts the power; the answer says what became of what was not flushed. */
  String cut(long seed) {
    try {
      server.outputWriter().write(seed + "\n");
      server.outputWriter().flush();
      return String.valueOf(answers.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void expect(String answer) throws IOException {
    String line = String.valueOf(answers.readLine());
    if (!line.equals(answer)) {
      throw new AssertionError(line + Files.readString(workspace.resolve("powerdisk.log")));
    }
  }

  /** Takes it all apart; the image stays. */
  @Override
  public void close() {
    // Of processes that were killed a moment ago the files may still be closing.
    for (int tries = 1; isMounted() && !unmount(); tries++) {
      if (tries == TRIES) {
        throw new AssertionError(mountPoint + " stays busy");
      }
      pause();
    }
    if (!device.isEmpty()) {
      workspace.run("losetup", "--detach", device).succeeded();
    }
    try {
      server.outputWriter().close();
      if (!server.waitFor(Place.PATIENCE.toSeconds(), TimeUnit.SECONDS)
          || server.exitValue() != 0) {
        throw new AssertionError(Files.readString(workspace.resolve("powerdisk.log")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      server.destroyForcibly();
    }
  }

  /** A look at the directory itself fails once its disk has. */
  private boolean isMounted() {
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return mounts.anyMatch(line -> line.contains(" " + mountPoint + " "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean unmount() {
    return workspace.run("umount", mountPoint.toString()).exitCode() == 0;
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
