package dev.fuselage.cli;

/** The service itself, as the {@code serve} command starts it. */
@FunctionalInterface
public interface Server {
  /**
   * Serves until it is told to stop.
   *
   * @return the process' exit code, one of {@link ExitCode#code()}
   */
  int serve();
}
