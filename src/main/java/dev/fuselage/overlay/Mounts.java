package dev.fuselage.overlay;

import dev.fuselage.snapshot.IdMapping;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** Writes down how containerd is to mount a snapshot. */
final class Mounts {
  private static final String BIND = "bind";
  private static final String FUSE_OVERLAYFS = "fuse3.fuse-overlayfs";
  private static final String OVERLAY = "overlay";
  private static final String VOLATILE = "volatile";

  private final MountSettings settings;
  private final SnapshotDirectories directories;

  Mounts(MountSettings settings, SnapshotDirectories directories) {
    this.settings = settings;
    this.directories = directories;
  }

  List<Mount> of(Snapshot.Active active) {
    if (active.ancestry().isEmpty()) {
      return List.of(bind(active.id(), "rw", active.labels()));
    }
    return List.of(
        overlay(
            List.of(
                "workdir=" + directories.work(active.id()),
                "upperdir=" + directories.fs(active.id())),
            active));
  }

  List<Mount> of(Snapshot.View view) {
    List<SnapshotId> layers = view.ancestry().ids();
    return switch (layers.size()) {
      case 0 -> List.of(bind(view.id(), "ro", view.labels()));
      case 1 -> List.of(bind(layers.getFirst(), "ro", view.labels()));
      default -> List.of(overlay(List.of(), view));
    };
  }

  /**
   * The owner that maps to the container's root, where nothing else would map it: for an upper
   * directory under the kernel's overlay, whose lower layers alone are mapped, and for a bare
   * directory that fuse-overlayfs never sees.
   */
  Optional<SnapshotDirectories.Owner> mappedRoot(Labels labels, boolean hasParent) {
    boolean byOwner =
        switch (settings.driver()) {
          case OVERLAYFS -> hasParent;
          case FUSE_OVERLAYFS -> !hasParent;
        };
    if (!byOwner) {
      return Optional.empty();
    }
    Optional<Long> uid = mapping(labels, Labels.UID_MAPPING).flatMap(IdMapping::root);
    Optional<Long> gid = mapping(labels, Labels.GID_MAPPING).flatMap(IdMapping::root);
    return uid.isPresent() && gid.isPresent()
        ? Optional.of(new SnapshotDirectories.Owner(uid.get().intValue(), gid.get().intValue()))
        : Optional.empty();
  }

  private Mount bind(SnapshotId id, String access, Labels labels) {
    List<String> options = new ArrayList<>(kernelMappings(labels));
    options.add(access);
    options.add("rbind");
    return new Mount(BIND, directories.fs(id).toString(), options);
  }

  private Mount overlay(List<String> writable, Snapshot snapshot) {
    StringJoiner lower = new StringJoiner(":", "lowerdir=", "");
    for (SnapshotId layer : snapshot.ancestry().ids()) {
      lower.add(directories.fs(layer).toString());
    }
    List<String> options = new ArrayList<>(kernelMappings(snapshot.labels()));
    options.addAll(writable);
    options.add(lower.toString());
    return switch (settings.driver()) {
      case FUSE_OVERLAYFS -> {
        options.addAll(fuseMappings(snapshot.labels()));
        options.addAll(configured(snapshot));
        yield new Mount(FUSE_OVERLAYFS, OVERLAY, options);
      }
      case OVERLAYFS -> {
        if (settings.indexOff() && !settings.hasOption("index")) {
          options.add("index=off");
        }
        if (settings.userxattr() && !settings.hasOption("userxattr")) {
          options.add("userxattr");
        }
        options.addAll(configured(snapshot));
        yield new Mount(OVERLAY, OVERLAY, options);
      }
    };
  }

  /** A layer that is being unpacked is to be synced at its commit, which volatile forbids. */
  private List<String> configured(Snapshot snapshot) {
    if (!unpacks(snapshot.key())) {
      return settings.options();
    }
    return settings.options().stream().filter(option -> !option.equals(VOLATILE)).toList();
  }

  /** containerd unpacks under a key of the form {@code namespace/number/extract-…}. */
  private static boolean unpacks(String key) {
    String[] parts = key.split("/", 3);
    return parts.length == 3 && parts[2].startsWith("extract-");
  }

  private List<String> kernelMappings(Labels labels) {
    return switch (settings.driver()) {
      case OVERLAYFS -> mappings(labels, "uidmap=", "gidmap=", ",");
      case FUSE_OVERLAYFS -> List.of();
    };
  }

  private List<String> fuseMappings(Labels labels) {
    return mappings(labels, "uidmapping=", "gidmapping=", ":");
  }

  private List<String> mappings(Labels labels, String uid, String gid, String separator) {
    List<String> options = new ArrayList<>(2);
    mapping(labels, Labels.UID_MAPPING)
        .ifPresent(mapping -> options.add(uid + mapping.joined(separator)));
    mapping(labels, Labels.GID_MAPPING)
        .ifPresent(mapping -> options.add(gid + mapping.joined(separator)));
    return options;
  }

  private Optional<IdMapping> mapping(Labels labels, String key) {
    return settings.remapIds()
        ? labels.get(key).map(value -> IdMapping.parse(key, value))
        : Optional.empty();
  }
}
