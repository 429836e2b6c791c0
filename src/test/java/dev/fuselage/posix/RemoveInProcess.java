package dev.fuselage.posix;

import java.nio.file.Path;

/** A removal in a process of its own, whose privileges a test has chosen. */
final class RemoveInProcess {
  private RemoveInProcess() {}

  public static void main(String[] arguments) throws PosixException {
    try (Directory directory = Directory.open(Path.of(arguments[0]))) {
      System.out.println(TreeRemover.remove(directory, arguments[1], entries -> {}));
    }
  }
}
