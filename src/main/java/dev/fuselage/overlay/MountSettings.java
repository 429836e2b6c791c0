package dev.fuselage.overlay;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How mounts are to look beyond the snapshot itself.
 *
 * @param driver who will serve overlays
 * @param options appended to every overlay, none by default
 * @param remapIds whether the labels that map ids are obeyed; true only where {@code remap-ids} is
 *     advertised to containerd
 * @param userxattr whether the kernel's overlay keeps its marks in {@code user.*}, as it must in a
 *     user namespace
 * @param indexOff whether the kernel knows {@code index=} and should be told to do without
 */
public record MountSettings(
    Driver driver, List<String> options, boolean remapIds, boolean userxattr, boolean indexOff) {
  private static final Pattern OPTION = Pattern.compile("[A-Za-z0-9_.+=-]+");

  /** What is ours to say, or would turn an active snapshot into what containerd takes as done. */
  private static final Set<String> OURS =
      Set.of(
          "lowerdir",
          "upperdir",
          "workdir",
          "uidmapping",
          "gidmapping",
          "uidmap",
          "gidmap",
          "ro",
          "rw");

  public MountSettings {
    options = List.copyOf(options);
    for (String option : options) {
      if (!OPTION.matcher(option).matches()) {
        throw new IllegalArgumentException(
            "mount option '%s' holds characters that would end it; allowed are letters, digits and _ . + = -"
                .formatted(option));
      }
      String name = option.split("=", 2)[0];
      if (OURS.contains(name)) {
        throw new IllegalArgumentException(
            "mount option '%s' is set by the snapshotter itself".formatted(name));
      }
    }
  }

  boolean hasOption(String name) {
    return options.stream()
        .anyMatch(option -> option.equals(name) || option.startsWith(name + "="));
  }
}
