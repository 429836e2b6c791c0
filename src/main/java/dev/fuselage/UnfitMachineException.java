package dev.fuselage;

import dev.fuselage.overlay.Finding;
import java.util.List;
import java.util.stream.Collectors;

/** Preflight found what makes service impossible; the message says what, and what to do. */
final class UnfitMachineException extends Exception {
  private static final long serialVersionUID = 1;

  UnfitMachineException(List<Finding> fatal) {
    super(fatal.stream().map(Finding::line).collect(Collectors.joining("; ")));
  }
}
