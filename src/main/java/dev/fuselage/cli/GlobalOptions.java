package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.snapshot.Snapshotter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code fuselage} itself: what may stand before or behind every subcommand. */
@Command(
    name = "fuselage",
    description = "Serves containerd's snapshotter API, and shows what is in it.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  fuselage ls --kind active",
      "  fuselage tree",
      "  fuselage --socket /run/user/1000/fuselage.sock inspect KEY",
      "",
      "fuselage COMMAND --help tells more."
    })
final class GlobalOptions {
  static final String DEFAULT_SOCKET = "/run/fuselage/fuselage.sock";
  static final String DEFAULT_ROOT = "/var/lib/fuselage";

  private final Surroundings surroundings;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      scope = ScopeType.INHERIT,
      description =
          "The service's socket (default: the environment's FUSELAGE_SOCKET, or "
              + DEFAULT_SOCKET
              + ").")
  private Optional<Path> socket = Optional.empty();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      scope = ScopeType.INHERIT,
      converter = TimeoutConverter.class,
      defaultValue = "10s",
      description =
          "How long each call to the service may take, as 500ms, 10s or 2m (default: 10s).")
  private Duration timeout = Duration.ofSeconds(10);

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  private boolean version;

  GlobalOptions(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  Terminal terminal() {
    return surroundings.terminal();
  }

  /** The socket on the command line, empty if there is none. */
  Optional<Path> givenSocket() {
    return socket;
  }

  Path socket() {
    return socket.orElseGet(
        () -> Path.of(surroundings.variable("FUSELAGE_SOCKET", DEFAULT_SOCKET)));
  }

  Duration timeout() {
    return timeout;
  }

  void administer(Consumer<Administration> work) {
    surroundings.connector().administer(socket(), timeout, work);
  }

  void callService(Consumer<Snapshotter> work) {
    surroundings.connector().call(socket(), timeout, work);
  }
}
