package dev.fuselage.overlay;

import java.util.Arrays;
import java.util.Optional;

/** What {@code fuselage.driver} may say. */
public enum DriverChoice {
  /** The kernel's overlay where a trial mount shows that it works here, else fuse-overlayfs. */
  AUTO("auto"),
  FUSE_OVERLAYFS(Driver.FUSE_OVERLAYFS.label()),
  OVERLAYFS(Driver.OVERLAYFS.label());

  private final String label;

  DriverChoice(String label) {
    this.label = label;
  }

  /** The word in the configuration. */
  public String label() {
    return label;
  }

  /** The choice of that label; empty if there is none. */
  public static Optional<DriverChoice> parse(String label) {
    return Arrays.stream(values()).filter(choice -> choice.label.equals(label)).findFirst();
  }
}
