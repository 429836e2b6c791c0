package dev.fuselage.overlay;

import java.nio.file.Path;

/** A preflight in a process of its own, for conditions that only another process can be put in. */
final class PreflightMain {
  private PreflightMain() {}

  /** Root, socket, choice; one line a finding, then the driver and its abilities. */
  public static void main(String[] arguments) {
    Preflight.Report report =
        Preflight.run(
            Path.of(arguments[0]),
            Path.of(arguments[1]),
            DriverChoice.parse(arguments[2]).orElseThrow());
    report.findings().forEach(System.out::println);
    System.out.println("DRIVER " + report.driver().label());
    System.out.println(report.abilities());
  }
}
