package dev.fuselage.cli;

import java.time.InstantSource;
import java.util.Map;

/**
 * All that a command knows of the world.
 *
 * @param environment the variables of the process' environment
 */
record Surroundings(
    Terminal terminal,
    Map<String, String> environment,
    Connector connector,
    Examination examination,
    InstantSource clock,
    Server server) {

  /** A variable's value; an empty one counts as none, as shells have it. */
  String variable(String name, String otherwise) {
    String value = environment.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value;
  }
}
