package dev.fuselage.overlay;

import dev.fuselage.overlay.DriverProbe.CannotTry;
import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.overlay.DriverProbe.Resolution;
import dev.fuselage.overlay.DriverProbe.Works;
import dev.fuselage.posix.Directory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks before the start at everything that would else be found out by a failing pod. It leaves
 * nothing behind: a root that does not exist is not made, and the nearest directory above it is
 * tried in its place.
 *
 * <p>No check throws: one that fails for a reason nobody thought of is an unknown finding.
 */
public final class Preflight {
  static final String WRITE = "root";

  private final Machine machine;
  private final List<Finding> findings = new ArrayList<>();
  private Optional<Version> fuseOverlayfs = Optional.empty();

  private Preflight(Machine machine) {
    this.machine = machine;
  }

  /**
   * What came of it.
   *
   * @param findings every check's, in the order of looking
   * @param driver what the choice comes to here
   * @param abilities of the kernel's overlay; {@link OverlayAbilities#NONE} with fuse-overlayfs
   * @param fuseOverlayfs the version of fuse-overlayfs; empty where another joins the layers, or
   *     where it can't be seen
   */
  public record Report(
      List<Finding> findings,
      Driver driver,
      OverlayAbilities abilities,
      Optional<String> fuseOverlayfs) {
    public Report {
      findings = List.copyOf(findings);
    }

    /** The findings that make service impossible; empty where it is possible. */
    public List<Finding> fatal() {
      return findings.stream().filter(finding -> finding.level() == Finding.Level.FATAL).toList();
    }
  }

  /**
   * Looks at this machine, for a service with that configuration.
   *
   * @param root as configured; it need not exist
   * @param socket as configured; it need not exist
   * @param choice as configured, or on a used root the driver that the root remembers
   */
  public static Report run(Path root, Path socket, DriverChoice choice) {
    return run(Machine.real(), root, socket, choice);
  }

  static Report run(Machine machine, Path root, Path socket, DriverChoice choice) {
    return new Preflight(machine).look(root, socket, choice);
  }

  private Report look(Path root, Path socket, DriverChoice choice) {
    Path existing = PathChecks.nearestExisting(root);
    // Nothing to try for a driver that is set: it needs no mount of ours.
    DriverProbe.Probe probe =
        choice == DriverChoice.FUSE_OVERLAYFS
            ? new CannotTry("fuse-overlayfs is configured", OverlayAbilities.NONE)
            : new OverlayTrial(machine, OverlayTrial.LIMIT).run(existing);
    Resolution resolution = DriverProbe.resolve(choice, probe);
    Driver driver = resolution.driver();
    Optional<String> container = containerSign();
    HostChecks host = new HostChecks(machine, container);

    check(HostChecks.KERNEL, () -> host.kernel(driver));
    check(HostChecks.USER_NAMESPACE, host::userNamespace);
    check(HostChecks.CONTAINER, host::container);
    findings.add(resolution.finding());
    if (driver == Driver.FUSE_OVERLAYFS) {
      check(HostChecks.FUSE_DEVICE, host::fuseDevice);
      check(HostChecks.MOUNT_HELPER, host::mountHelper);
      check(HostChecks.FUSE_OVERLAYFS, () -> fuseOverlayfs(host));
    }
    check(PathChecks.ROOT, () -> PathChecks.root(root));
    check(
        RootFileSystem.CHECK,
        () -> fileSystem(existing, driver, probe instanceof Works, container.isPresent()));
    try (Scratch scratch = Scratch.in(existing);
        Directory opened = scratch.open()) {
      findings.add(Finding.ok(WRITE, "this user may write in " + existing));
      RootChecks checks = new RootChecks(machine, opened);
      check(RootChecks.TYPES, () -> checks.types(driver));
      check(RootChecks.ATTRIBUTES, () -> checks.attributes(driver, resolution.abilities()));
      check(RootChecks.OWNERS, checks::owners);
      check(RootChecks.SPACE, checks::space);
    } catch (IOException e) {
      findings.add(judgeWrite(existing, e));
    }
    check(PathChecks.SOCKET, () -> PathChecks.socket(socket));
    return new Report(
        findings, driver, resolution.abilities(), fuseOverlayfs.map(Version::toString));
  }

  private Finding fuseOverlayfs(HostChecks host) throws IOException, InterruptedException {
    FuseOverlayfsVersion seen = host.fuseOverlayfs();
    fuseOverlayfs = seen.version();
    return seen.finding();
  }

  static Finding judgeWrite(Path directory, IOException failure) {
    String reason = Scratch.reason(failure);
    if (reason.contains("Read-only file system")) {
      return Finding.fatal(
          WRITE,
          directory + " is on a read-only file system",
          "mount it writable, or set fuselage.root to a writable directory");
    }
    if (reason.contains("No space left")) {
      // What is full can be emptied only by a service that runs.
      return Finding.warn(
          WRITE,
          directory + " has no space left: nothing can be unpacked",
          "remove images that nothing uses, or grow the file system");
    }
    if (!Files.isDirectory(directory)) {
      return Finding.fatal(
          WRITE, directory + " is not a directory", "set fuselage.root to a directory");
    }
    return Finding.fatal(
        WRITE,
        failure instanceof AccessDeniedException
            ? "no right to write in " + directory
            : "cannot write in " + directory + ": " + reason,
        "run as the owner of fuselage.root, or make it and give it to this user");
  }

  private static Finding fileSystem(
      Path directory, Driver driver, boolean proven, boolean container) throws IOException {
    try (Directory opened = Directory.open(directory)) {
      return RootFileSystem.judge(opened.fileSystemType(), driver, proven, container);
    }
  }

  private Optional<String> containerSign() {
    try {
      return ContainerSign.find(machine);
    } catch (IOException | RuntimeException e) {
      // Better to call a host's fault unknown than to refuse service over what is not seen.
      return Optional.of("it cannot be told, so one is assumed: " + e);
    }
  }

  private void check(String name, Check check) {
    try {
      findings.add(check.look());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      findings.add(Finding.unknown(name, "interrupted", ""));
    } catch (IOException | RuntimeException e) {
      findings.add(Finding.unknown(name, "could not be looked at: " + e, ""));
    }
  }

  @FunctionalInterface
  private interface Check {
    Finding look() throws IOException, InterruptedException;
  }
}
