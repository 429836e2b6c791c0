package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.snapshot.Snapshotter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** The way to a service. */
interface Connector {
  /**
   * Does some work with the service behind a socket, and hangs up.
   *
   * @param deadline the time given to each call
   * @throws CommandException if there is no way to the service
   */
  void call(Path socket, Duration deadline, Consumer<Snapshotter> work);

  /**
   * The same for what operators ask.
   *
   * @param patience with a service that keeps silent; a call that tells how far it is may last
   */
  void administer(Path socket, Duration patience, Consumer<Administration> work);
}
