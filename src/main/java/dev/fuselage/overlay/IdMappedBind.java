package dev.fuselage.overlay;

import dev.fuselage.posix.IdMappedMount;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A process that makes one id-mapped bind mount, for the trial in its mount namespace: {@code
 * mount(8)} can do it only since util-linux 2.39, and a thread of the service must not leave its
 * namespace.
 */
final class IdMappedBind {
  private IdMappedBind() {}

  /** Source, target, and the file of the user namespace whose map to use. */
  public static void main(String[] arguments) throws IOException {
    IdMappedMount.bind(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
  }
}
