package dev.fuselage.overlay;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the checks look: a test gives them a directory of its own as the machine's root.
 *
 * @param slash what absolute paths of {@code /proc}, {@code /dev} and the like stand below
 * @param environment this process's variables, or those of another
 */
record Machine(Path slash, Map<String, String> environment) {
  /** Where an administrator's programs are; an ordinary user's PATH often lacks them. */
  private static final List<String> SYSTEM = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

  /** The whole range of ids mapped on itself. */
  private static final String INITIAL_NAMESPACE = "0 0 4294967295";

  Machine {
    environment = Map.copyOf(environment);
  }

  static Machine real() {
    return new Machine(Path.of("/"), System.getenv());
  }

  Path file(String absolute) {
    return slash.resolve(absolute.substring(1));
  }

  /** The file's text without white space around it; empty if there is no such file. */
  Optional<String> text(String absolute) throws IOException {
    try {
      return Optional.of(Files.readString(file(absolute)).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** A variable's value; empty if it is not set or empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /** The program on the PATH, as containerd would find it. */
  Optional<Path> onPath(String program) {
    return Arrays.stream(variable("PATH").orElse("").split(File.pathSeparator, -1))
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, program))
        .filter(Machine::executable)
        .findFirst();
  }

  /** The program in a system directory, though it need not be on the PATH. */
  Optional<Path> inSystem(String program) {
    return SYSTEM.stream()
        .map(directory -> file(directory).resolve(program))
        .filter(Machine::executable)
        .findFirst();
  }

  Optional<Path> anywhere(String program) {
    return Stream.of(onPath(program), inSystem(program)).flatMap(Optional::stream).findFirst();
  }

  /** The PATH with the system directories behind it. */
  String widePath() {
    return Stream.concat(variable("PATH").stream(), SYSTEM.stream())
        .reduce((left, right) -> left + File.pathSeparator + right)
        .orElseThrow();
  }

  /** Whether this process is in a user namespace other than the first. */
  boolean inUserNamespace() throws IOException {
    return text("/proc/self/uid_map")
        .map(map -> !map.replaceAll("\\s+", " ").equals(INITIAL_NAMESPACE))
        .orElse(false);
  }

  private static boolean executable(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
