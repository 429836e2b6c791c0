package dev.fuselage.install;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a configuration of some version keeps what concerns us (containerd's {@code docs/config.md}
 * and {@code docs/cri/config.md}). A drop-in has to have its main file's version: containerd 2
 * drops the CRI section of a file of version 2 beside one of version 3.
 *
 * @param runtime the table with {@code runtimes} and {@code default_runtime_name}
 * @param snapshotter the default one
 */
record Sections(List<String> runtime, List<String> snapshotter) {
  private static final String PLUGINS = "plugins";
  private static final String CRI_IMAGES = "io.containerd.cri.v1.images";

  /** These two are named so in every version. */
  static final List<String> RUNTIME_PLATFORMS = List.of(PLUGINS, CRI_IMAGES, "runtime_platforms");

  static final List<String> UNPACK =
      List.of(PLUGINS, "io.containerd.transfer.v1.local", "unpack_config");

  private static final Sections SECOND =
      new Sections(
          List.of(PLUGINS, "io.containerd.grpc.v1.cri", "containerd"),
          List.of(PLUGINS, "io.containerd.grpc.v1.cri", "containerd", "snapshotter"));
  private static final Sections THIRD =
      new Sections(
          List.of(PLUGINS, "io.containerd.cri.v1.runtime", "containerd"),
          List.of(PLUGINS, CRI_IMAGES, "snapshotter"));

  static Sections of(int version) {
    return version >= 3 ? THIRD : SECOND;
  }

  List<String> runtimes() {
    return below(runtime, "runtimes");
  }

  List<String> runtime(String handler) {
    return below(runtimes(), handler);
  }

  List<String> defaultRuntimeName() {
    return below(runtime, "default_runtime_name");
  }

  static List<String> below(List<String> path, String key) {
    List<String> longer = new ArrayList<>(path);
    longer.add(key);
    return List.copyOf(longer);
  }
}
