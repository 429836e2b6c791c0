package dev.fuselage.cli;

import dev.fuselage.snapshot.Snapshotter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** The way to a service. */
@FunctionalInterface
interface Connector {
  /**
   * Does some work with the service behind a socket, and hangs up.
   *
   * @param deadline the time given to each call
   * @throws CommandException if there is no way to the service
   */
  void call(Path socket, Duration deadline, Consumer<Snapshotter> work);
}
