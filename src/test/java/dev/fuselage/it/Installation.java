package dev.fuselage.it;

import dev.fuselage.it.Place.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The distribution, configured.
 *
 * @param place where it is run
 * @param launcher its {@code bin/fuselage}
 * @param directory where the logs of its services go
 * @param environment its configuration, by names such as {@code FUSELAGE_ROOT}
 */
record Installation(Place place, Path launcher, Path directory, Map<String, String> environment) {
  static final String ROOT = "FUSELAGE_ROOT";
  static final String SOCKET = "FUSELAGE_SOCKET";
  static final String DRIVER = "FUSELAGE_DRIVER";
  static final String HTTP_PORT = "FUSELAGE_HTTP_PORT";

  Installation {
    environment = Map.copyOf(environment);
  }

  /** With a root and a socket in a directory, fuse-overlayfs, and any free port. */
  static Installation in(Path directory, Place place, Path launcher) {
    return new Installation(
        place,
        launcher,
        directory,
        Map.of(
            ROOT,
            directory.resolve("root").toString(),
            SOCKET,
            directory.resolve("fuselage.sock").toString(),
            DRIVER,
            "fuse-overlayfs",
            HTTP_PORT,
            "0"));
  }

  Installation with(String name, String value) {
    Map<String, String> changed = new HashMap<>(environment);
    changed.put(name, value);
    return new Installation(place, launcher, directory, changed);
  }

  Installation at(Place other) {
    return new Installation(other, launcher, directory, environment);
  }

  Path root() {
    return Path.of(environment.getOrDefault(ROOT, ""));
  }

  Path socket() {
    return Path.of(environment.getOrDefault(SOCKET, ""));
  }

  /** Runs a command of it to its end. */
  Result run(String... arguments) {
    return Place.run(command(arguments));
  }

  /** The service, when it answers. */
  Service start() {
    Service service = begin();
    try {
      service.awaitAnswer();
      return service;
    } catch (RuntimeException | Error e) {
      service.close();
      throw e;
    }
  }

  /** The service, which may not answer yet, or ever. */
  Service begin() {
    try {
      Path log = Files.createTempFile(directory, "serve-", ".log");
      Process process =
          command("serve").redirectErrorStream(true).redirectOutput(log.toFile()).start();
      return new Service(this, process, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessBuilder command(String... arguments) {
    List<String> line = new ArrayList<>(List.of(launcher.toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = place.command(line);
    builder.environment().putAll(environment);
    return builder;
  }
}
