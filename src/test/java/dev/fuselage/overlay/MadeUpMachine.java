package dev.fuselage.overlay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/** A machine of a few files: a host with a recent kernel, in the initial user namespace. */
final class MadeUpMachine {
  private final Path slash;
  private final Map<String, String> environment = new HashMap<>();

  MadeUpMachine(Path slash) throws IOException {
    this.slash = slash;
    environment.put("PATH", slash.resolve("bin").toString());
    file("/proc/self/uid_map", "         0          0 4294967295\n");
    file("/proc/self/gid_map", "         0          0 4294967295\n");
    file("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    file("/proc/1/cgroup", "0::/init.scope\n");
    file("/dev/fuse", "");
  }

  MadeUpMachine file(String absolute, String text) throws IOException {
    Path file = slash.resolve(absolute.substring(1));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  MadeUpMachine without(String absolute) throws IOException {
    Files.delete(slash.resolve(absolute.substring(1)));
    return this;
  }

  MadeUpMachine variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** A shell script; {@code /bin} is on the PATH, {@code /usr/sbin} is not. */
  MadeUpMachine program(String absolute, String script) throws IOException {
    file(absolute, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(
        slash.resolve(absolute.substring(1)), PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  MadeUpMachine inUserNamespace() throws IOException {
    return file(
        "/proc/self/uid_map", "         0       1000          1\n         1 100000 65536\n");
  }

  Machine machine() {
    return new Machine(slash, environment);
  }

  HostChecks host() throws IOException {
    return new HostChecks(machine(), ContainerSign.find(machine()));
  }
}
