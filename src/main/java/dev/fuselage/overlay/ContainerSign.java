package dev.fuselage.overlay;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells whether this process is in a container. {@code /.dockerenv} alone is no sign: machines
 * whose disk was made from an image have it, too.
 */
final class ContainerSign {
  private static final List<String> VARIABLES = List.of("KUBERNETES_SERVICE_HOST", "container");
  private static final String PODMAN = "/run/.containerenv";
  private static final Pattern CGROUP =
      Pattern.compile("kubepods|cri-containerd|/docker[-/]|/libpod[-_/]|/lxc[./]");

  /** What OCI runtimes hide from every container that is not privileged, and nothing else does. */
  private static final Pattern MASKED =
      Pattern.compile(" (/proc/(?:kcore|keys|timer_list|sysrq-trigger)) ");

  private static final Pattern OVERLAY_ROOT =
      Pattern.compile("(?m)^\\S+ \\S+ \\S+ \\S+ / .* - (?:overlay|fuse\\.fuse-overlayfs) ");

  private ContainerSign() {}

  /** What gives the container away; empty where nothing does. */
  static Optional<String> find(Machine machine) throws IOException {
    for (String variable : VARIABLES) {
      if (machine.variable(variable).isPresent()) {
        return Optional.of("the variable " + variable + " is set");
      }
    }
    if (Files.exists(machine.file(PODMAN))) {
      return Optional.of(PODMAN + " exists");
    }
    if (CGROUP.matcher(machine.text("/proc/1/cgroup").orElse("")).find()) {
      return Optional.of("process 1 is in a container's cgroup");
    }
    String mounts = machine.text("/proc/self/mountinfo").orElse("");
    var masked = MASKED.matcher(mounts);
    if (masked.find()) {
      return Optional.of(masked.group(1) + " is masked");
    }
    if (Files.exists(machine.file("/.dockerenv")) && OVERLAY_ROOT.matcher(mounts).find()) {
      return Optional.of("/.dockerenv exists and / is an overlay");
    }
    return Optional.empty();
  }
}
