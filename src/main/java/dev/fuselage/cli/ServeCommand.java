package dev.fuselage.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "serve",
    description = {
      "Serves the snapshotter API on the socket until it is told to stop by SIGTERM or SIGINT.",
      "It is configured by fuselage.* properties, or by the environment's FUSELAGE_ROOT,"
          + " FUSELAGE_SOCKET, FUSELAGE_DRIVER and so on; --socket goes before both."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage serve",
      "  FUSELAGE_ROOT=/data/fuselage fuselage serve --socket /run/user/1000/fuselage.sock"
    })
final class ServeCommand implements Callable<Integer> {
  private final GlobalOptions options;

  ServeCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public Integer call() {
    options
        .givenSocket()
        .ifPresent(socket -> System.setProperty("fuselage.socket", socket.toString()));
    return options.surroundings().server().serve();
  }
}
