package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.posix.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A directory of a test's own, and all that is started from it. After the test nothing of it may be
 * left: no process, no mount, no cgroup; then the directory goes.
 *
 * <p>It is short, since sockets lie in it, and on a disk, where /tmp may be memory.
 */
final class Workspace implements Place, BeforeEachCallback, AfterEachCallback {
  /** An environment variable by which a process tells that it was started from here. */
  private static final String MARK = "FUSELAGE_WORKSPACE";

  private static final Duration TO_VANISH = Duration.ofSeconds(30);
  private static final String SEARCHED =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private Path path = Path.of("");

  /** A run that is interrupted leaves nothing behind either. */
  private final Thread atExit = new Thread(this::takeAway, "workspace");

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    path = Files.createTempDirectory(Path.of("/var/tmp"), "fuselage-it");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  Path path() {
    return path;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public ProcessBuilder command(List<String> line) {
    ProcessBuilder builder = new ProcessBuilder(line);
    var environment = builder.environment();
    environment.put(MARK, path.toString());
    environment.put("PATH", SEARCHED);
    environment.put("HOME", path.toString());
    environment.put("TMPDIR", path.toString());
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("FUSELAGE_JAVA_HOME", System.getProperty("java.home"));
    // Of a JVM that is killed the unpacked libraries stay.
    environment.put("FUSELAGE_JAVA_OPTS", "-Djava.io.tmpdir=" + path);
    return builder.directory(path.toFile());
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    try {
      if (context.getExecutionException().isEmpty()) {
        assertNothingIsLeft();
      }
    } finally {
      Runtime.getRuntime().removeShutdownHook(atExit);
      takeAway();
    }
  }

  private void takeAway() {
    try {
      // What a disk of ours is mounted on goes before the process that serves the disk.
      endProcesses(process -> !isPowerDisk(process));
      unmountAll();
      for (String device : loopDevices()) {
        run("losetup", "--detach", device);
      }
      endProcesses(_ -> true);
      unmountAll();
      removeCgroups();
      delete();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isPowerDisk(ProcessHandle process) {
    return read("/proc/" + process.pid() + "/cmdline").contains("/powerdisk ");
  }

  private void assertNothingIsLeft() throws Exception {
    long end = System.nanoTime() + TO_VANISH.toNanos();
    List<String> left = leftovers();
    // What was asked to end may take its time to.
    while (!left.isEmpty() && System.nanoTime() - end < 0) {
      Thread.sleep(50);
      left = leftovers();
    }
    assertThat(left).as("processes, mounts and cgroups left of %s", path).isEmpty();
  }

  /** What there is of processes, mounts and cgroups, each in a few words. */
  List<String> leftovers() throws IOException {
    List<String> left = new ArrayList<>();
    for (ProcessHandle process : processes()) {
      left.add(
          "process %d %s".formatted(process.pid(), read("/proc/" + process.pid() + "/cmdline")));
    }
    mountPoints().forEach(mount -> left.add("mount " + mount));
    loopDevices().forEach(device -> left.add("loop device " + device));
    cgroups().forEach(cgroup -> left.add("cgroup " + cgroup));
    return left;
  }

  private List<ProcessHandle> processes() {
    String mark = MARK + "=" + path;
    return ProcessHandle.allProcesses()
        .filter(process -> read("/proc/" + process.pid() + "/environ").contains(mark))
        .toList();
  }

  /** Those whose file lies here. */
  private List<String> loopDevices() throws IOException {
    List<String> devices = new ArrayList<>();
    try (DirectoryStream<Path> loops = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path loop : loops) {
        if (read(loop + "/loop/backing_file").startsWith(path + "/")) {
          devices.add("/dev/" + loop.getFileName());
        }
      }
    }
    return devices;
  }

  /** Of containers, which are named after the directory. */
  private List<Path> cgroups() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> hierarchies =
        Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      for (Path hierarchy : hierarchies) {
        Path cgroup = hierarchy.resolve(path.getFileName());
        if (Files.exists(cgroup)) {
          found.add(cgroup);
        }
      }
    }
    return found;
  }

  private List<String> mountPoints() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines
          .map(line -> line.split(" ", 6)[4])
          .filter(mount -> mount.startsWith(path + "/"))
          .toList()
          .reversed();
    }
  }

  /** Empty for what is gone, or not ours to look at. */
  private static String read(String file) {
    try {
      return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.UTF_8)
          .replace('\0', ' ');
    } catch (IOException _) {
      return "";
    }
  }

  private void endProcesses(Predicate<ProcessHandle> which) {
    for (ProcessHandle process : processes().stream().filter(which).toList()) {
      process.destroyForcibly();
      var unused = process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    }
  }

  private void unmountAll() throws IOException {
    for (String mount : mountPoints()) {
      run("umount", "-l", mount);
    }
  }

  private void removeCgroups() throws IOException {
    for (Path cgroup : cgroups()) {
      Files.delete(cgroup);
    }
  }

  /** An ordinary user owns the files of their sub-ids only in a user namespace. */
  private void delete() throws IOException, InterruptedException {
    List<String> remove =
        new ArrayList<>(List.of("rm", "-rf", "--one-file-system", path.toString()));
    if (Posix.effectiveUid() != 0) {
      remove.addFirst("rootlesskit");
    }
    Process process = new ProcessBuilder(remove).inheritIO().start();
    assertThat(process.waitFor()).as("exit code of %s", remove).isZero();
  }
}
