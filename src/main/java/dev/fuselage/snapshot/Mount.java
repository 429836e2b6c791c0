package dev.fuselage.snapshot;

import java.util.List;

/**
 * One mount that containerd, not we, is to perform.
 *
 * @param type {@code bind}, {@code overlay}, or {@code fuse3.fuse-overlayfs} (containerd then runs
 *     {@code mount.fuse3} with {@code -t fuse-overlayfs})
 * @param source a directory for {@code bind}, a mere word for the others
 * @param options in the order in which they are passed on
 */
public record Mount(String type, String source, List<String> options) {
  public Mount {
    options = List.copyOf(options);
  }
}
