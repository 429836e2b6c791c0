package dev.fuselage.kubernetes.maintenance;

import java.util.Arrays;

/** What a maintenance has a node do. */
enum Operation {
  CLEANUP("Cleanup"),
  VERIFY("Verify"),
  COMPACT("Compact"),
  BACKUP("Backup"),
  EVACUATE("Evacuate");

  private final String label;

  Operation(String label) {
    this.label = label;
  }

  /** As it stands in a FuselageMaintenance. */
  String label() {
    return label;
  }

  /**
   * @throws IllegalArgumentException if there is none of that name in this version
   */
  static Operation of(String label) {
    return Arrays.stream(values())
        .filter(operation -> operation.label.equals(label))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("this version knows no operation " + label));
  }
}
