package dev.fuselage.kubernetes;

/** What a node tells of itself in conditions, in the order in which they are shown. */
public enum ConditionType {
  /** Whether pods can be started on Fuselage, as far as Fuselage itself knows. */
  READY("Ready"),
  /** Whether containerd's configuration says all that it needs to. */
  CONTAINERD_CONFIGURED("ContainerdConfigured"),
  /** Whether containerd has to be started again to obey its configuration. */
  RESTART_DUE("RestartDue"),
  /** Whether the metadata store reads and writes. */
  STORE_HEALTHY("StoreHealthy"),
  /** Whether so little space is left that new snapshots are refused. */
  DISK_PRESSURE("DiskPressure"),
  /** Whether removed snapshots stay on the disk for long. */
  RECLAIM_BACKLOG("ReclaimBacklog"),
  /** Whether something may not be used since it is damaged. */
  DAMAGED("Damaged");

  private final String label;

  ConditionType(String label) {
    this.label = label;
  }

  /** As Kubernetes spells it. */
  public String label() {
    return label;
  }
}
