package dev.fuselage.overlay;

import java.util.Arrays;
import java.util.Optional;

/** What lays a snapshot's layers over each other. The root remembers it: their marks differ. */
public enum Driver {
  /** The FUSE daemon of that name, mounted by containerd through {@code mount.fuse3}. */
  FUSE_OVERLAYFS("fuse-overlayfs"),
  /** The kernel's own overlay file system. */
  OVERLAYFS("overlayfs");

  private final String label;

  Driver(String label) {
    this.label = label;
  }

  /** The word in the configuration and in the root's record. */
  public String label() {
    return label;
  }

  /** The driver of that label; empty if there is none. */
  public static Optional<Driver> parse(String label) {
    return Arrays.stream(values()).filter(driver -> driver.label.equals(label)).findFirst();
  }
}
