package dev.fuselage.admin;

/**
 * Who holds a part of the disk.
 *
 * @param namespace Kubernetes' for a pod, containerd's for a container or image, else empty
 * @param name empty where the kind says all
 */
public record Owner(OwnerKind kind, String namespace, String name) {
  /** Of layers that several images have in common. */
  public static final Owner SHARED = new Owner(OwnerKind.IMAGE, "", "(shared)");

  /** One whose kind says all. */
  public static Owner of(OwnerKind kind) {
    return new Owner(kind, "", "");
  }
}
