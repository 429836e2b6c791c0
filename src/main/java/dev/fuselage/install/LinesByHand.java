package dev.fuselage.install;

import java.util.List;

/**
 * What an admin of containerd 1.x has to write into the main file: an import there replaces a
 * plugin's whole section, so that CRI's can't stand in ours.
 */
record LinesByHand(
    Configuration configuration, ContainerdVersion version, Entrance entrance, boolean inPod) {
  private static final String SECTION = "plugins.\"io.containerd.grpc.v1.cri\".containerd";

  Standing standing() {
    Sections sections = Sections.of(2);
    return switch (entrance) {
      case OFF -> new Standing.Unasked();
      case RUNTIME_CLASS ->
          version.hasSnapshotterByRuntime()
              ? standing(
                  Sections.below(sections.runtime(DropIn.HANDLER), "snapshotter"),
                  """
                  [%s.runtimes.fuselage]
                    runtime_type = "io.containerd.runc.v2"
                    snapshotter = "fuselage"
                  """
                      .formatted(SECTION))
              : new Standing.Waiting(
                  "RuntimeClassNotSupported",
                  "containerd %d.%d knows no snapshotter by runtime: use %s, or containerd 1.7 or later"
                      .formatted(
                          version.major(),
                          version.minor(),
                          inPod ? "Fuselage as a service of the host" : "default-snapshotter"));
      case DEFAULT_SNAPSHOTTER ->
          standing(
              sections.snapshotter(),
              """
              [%s]
                snapshotter = "fuselage"
              """
                  .formatted(SECTION));
    };
  }

  private Standing standing(List<String> place, String lines) {
    return configuration.at(place).asText("").equals(DropIn.PLUGIN)
        ? new Standing.Complete()
        : new Standing.Waiting(
            "LinesMissing",
            "%s needs lines that only an admin can add, where it speaks of CRI:%n%s"
                .formatted(configuration.main(), lines));
  }
}
