package dev.fuselage.overlay;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the machine must offer, whatever the root.
 *
 * @param containerSign how a container was recognized; empty on a host
 */
record HostChecks(Machine machine, Optional<String> containerSign) {
  static final String KERNEL = "kernel";
  static final String USER_NAMESPACE = "user namespace";
  static final String CONTAINER = "container";
  static final String FUSE_DEVICE = "/dev/fuse";
  static final String MOUNT_HELPER = "mount.fuse3";
  static final String FUSE_OVERLAYFS = "fuse-overlayfs";

  private static final Version FUSE_IN_USER_NAMESPACES = new Version(4, 18, 0);
  private static final Version SYNC_ERRORS = new Version(5, 8, 0);
  private static final Version OVERLAY_IN_USER_NAMESPACES = new Version(5, 11, 0);
  private static final String NEWER_KERNEL = "boot a newer kernel";

  Finding kernel(Driver driver) throws IOException {
    String release = machine.text("/proc/sys/kernel/osrelease").orElse("");
    Optional<Version> found = Version.find(release);
    if (found.isEmpty()) {
      return Finding.unknown(KERNEL, "its release is \"" + release + "\"", "");
    }
    Version version = found.get();
    boolean inside = machine.inUserNamespace();
    if (inside && driver == Driver.FUSE_OVERLAYFS && version.isBefore(FUSE_IN_USER_NAMESPACES)) {
      return Finding.fatal(
          KERNEL, release + " allows FUSE in user namespaces only from 4.18 on", NEWER_KERNEL);
    }
    if (inside && driver == Driver.OVERLAYFS && version.isBefore(OVERLAY_IN_USER_NAMESPACES)) {
      return Finding.warn(
          KERNEL,
          release + " knows the overlay option userxattr only from 5.11 on",
          NEWER_KERNEL + ", or set fuselage.driver=fuse-overlayfs");
    }
    if (version.isBefore(SYNC_ERRORS)) {
      return Finding.warn(
          KERNEL,
          release
              + " tells of failed writes at syncfs only from 5.8 on: a failing disk may go"
              + " unnoticed by Commit",
          NEWER_KERNEL);
    }
    return Finding.ok(KERNEL, release);
  }

  Finding userNamespace() throws IOException {
    if (!machine.inUserNamespace()) {
      return Finding.ok(USER_NAMESPACE, "the initial one");
    }
    String map =
        machine
            .text("/proc/self/uid_map")
            .orElse("")
            .lines()
            .map(line -> line.strip().replaceAll("\\s+", ":"))
            .collect(Collectors.joining(","));
    return Finding.ok(USER_NAMESPACE, "inside one, with the user ids " + map);
  }

  Finding container() {
    return Finding.ok(CONTAINER, containerSign.map(sign -> "inside one: " + sign).orElse("none"));
  }

  /** Whether FUSE mounts are possible. Opening the device has no effect until it is mounted. */
  Finding fuseDevice() throws IOException {
    if (containerSign.isPresent()) {
      return unseen(FUSE_DEVICE);
    }
    Path device = machine.file(FUSE_DEVICE);
    if (!Files.exists(device)) {
      return Finding.fatal(
          FUSE_DEVICE,
          "does not exist, so nothing can be mounted with fuse-overlayfs",
          "load the module (modprobe fuse; at every boot: echo fuse > /etc/modules-load.d/fuse.conf)"
              + " or make the device visible here");
    }
    try (FileChannel opened =
        FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return Finding.ok(FUSE_DEVICE, opened.isOpen() ? "can be opened" : "");
    } catch (AccessDeniedException e) {
      return Finding.fatal(
          FUSE_DEVICE,
          "may not be opened by this user",
          "chmod 0666 /dev/fuse, and a udev rule that keeps it so: KERNEL==\"fuse\", MODE=\"0666\"");
    } catch (IOException e) {
      return Finding.fatal(
          FUSE_DEVICE, "cannot be opened: " + e.getMessage(), "load the module: modprobe fuse");
    }
  }

  Finding mountHelper() {
    return program(MOUNT_HELPER, "install fuse3 (apt-get install fuse3, dnf install fuse3)");
  }

  FuseOverlayfsVersion fuseOverlayfs() throws IOException, InterruptedException {
    Finding there =
        program(
            FUSE_OVERLAYFS,
            "install fuse-overlayfs (apt-get install fuse-overlayfs, dnf install fuse-overlayfs)");
    Optional<Path> program = machine.onPath(FUSE_OVERLAYFS);
    return there.level() != Finding.Level.OK || program.isEmpty()
        ? FuseOverlayfsVersion.unseen(there)
        : FuseOverlayfsVersion.of(program.get());
  }

  private Finding program(String name, String install) {
    if (containerSign.isPresent()) {
      return unseen(name);
    }
    Optional<Path> found = machine.onPath(name);
    if (found.isPresent()) {
      return Finding.ok(name, found.get().toString());
    }
    return machine
        .inSystem(name)
        .map(
            elsewhere ->
                Finding.fatal(
                    name,
                    "is " + elsewhere + ", which is not on the PATH",
                    "add "
                        + elsewhere.getParent()
                        + " to the PATH of this service and of containerd, which runs it"))
        .orElseGet(() -> Finding.fatal(name, "is not on the PATH", install));
  }

  private static Finding unseen(String check) {
    return Finding.unknown(
        check,
        "cannot be seen from inside a container: containerd mounts, where containerd runs",
        "");
  }
}
