package dev.fuselage.admin;

import java.util.Locale;

/** The kinds of owners. A snapshot that several need belongs to the first of them in this order. */
public enum OwnerKind {
  /** Images that are unpacked here: their layers. */
  IMAGE,
  /** Kubernetes' pods: what their containers wrote, and layers that no image needs any more. */
  POD,
  /** As pods, for containers that Kubernetes did not make. */
  CONTAINER,
  /** Layers on their way: in a lease, or just being unpacked. */
  UNPACKING,
  /** Nobody has needed it for long: to be freed through containerd. */
  UNCLAIMED,
  /** Nobody needs it, but not for long yet. */
  PENDING,
  /** Nothing can be said, since containerd is not asked or does not answer. */
  UNKNOWN,
  /** A directory without a snapshot. */
  ORPHAN,
  /** Removed, and not deleted yet. */
  TRASH,
  /** Our own store, backups, and directories. */
  FUSELAGE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word for it in metrics and commands: {@code pod}, {@code image}, … */
  public String label() {
    return label;
  }
}
