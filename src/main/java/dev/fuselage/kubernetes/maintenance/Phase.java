package dev.fuselage.kubernetes.maintenance;

/** Where a node is in a maintenance that it has begun. */
enum Phase {
  RUNNING("Running", false),
  SUSPENDED("Suspended", false),
  SUCCEEDED("Succeeded", true),
  FAILED("Failed", true);

  private final String label;
  private final boolean end;

  Phase(String label, boolean end) {
    this.label = label;
    this.end = end;
  }

  String label() {
    return label;
  }

  /** Whether the node does no more in this maintenance. */
  boolean isEnd() {
    return end;
  }

  /** One that is not known counts as running, so that it is begun again. */
  static Phase of(String label) {
    for (Phase phase : values()) {
      if (phase.label.equals(label)) {
        return phase;
      }
    }
    return RUNNING;
  }
}
