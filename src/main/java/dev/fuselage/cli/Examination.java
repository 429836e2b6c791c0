package dev.fuselage.cli;

import dev.fuselage.overlay.DriverChoice;
import dev.fuselage.overlay.Finding;
import java.nio.file.Path;
import java.util.List;

/** Looks at this machine, as the service does before it starts. */
@FunctionalInterface
interface Examination {
  /**
   * The findings, in the order of looking.
   *
   * @param root need not exist, nor need the socket
   */
  List<Finding> run(Path root, Path socket, DriverChoice driver);
}
