package dev.fuselage.overlay;

/** Decides which driver serves, by how a trial of the kernel's own overlay went. */
public final class DriverProbe {
  static final String CHECK = "driver";

  private static final String MAY_FAIL =
      "set fuselage.driver=fuse-overlayfs if containers fail to start";

  private DriverProbe() {}

  /**
   * What the kernel's overlay can do here. All false says the least, and is right with
   * fuse-overlayfs, which asks none of this.
   *
   * @param userxattr mounts need the option {@code userxattr}: this is a user namespace
   * @param indexOff the kernel knows the option {@code index=}
   * @param idMapped id-mapped mounts of this file system really work as overlay layers; false also
   *     in a user namespace, which may map no ids of the initial one's file systems, and where it
   *     could not be tried, since containerd then copies with the right owners instead
   */
  public record OverlayAbilities(boolean userxattr, boolean indexOff, boolean idMapped) {
    /** What goes with fuse-overlayfs. */
    public static final OverlayAbilities NONE = new OverlayAbilities(false, false, false);
  }

  /** How the trial went. */
  public sealed interface Probe {}

  /** Mounted and used: lower files, copy-up, whiteouts and opaque directories are right. */
  public record Works(OverlayAbilities abilities) implements Probe {}

  /** This user may mount here, but an overlay on this file system does not do what it should. */
  public record DoesNotWork(String reason) implements Probe {}

  /**
   * No trial is possible here, as in an unprivileged container.
   *
   * @param assumed what to go by if the configuration insists on the kernel's overlay
   */
  public record CannotTry(String reason, OverlayAbilities assumed) implements Probe {}

  /**
   * What comes of a choice.
   *
   * @param driver what to use; with a fatal finding, what was asked for
   */
  public record Resolution(Driver driver, OverlayAbilities abilities, Finding finding) {}

  /** The driver for a choice, given how the trial went. */
  public static Resolution resolve(DriverChoice choice, Probe result) {
    return switch (choice) {
      case FUSE_OVERLAYFS -> fuseOverlayfs("fuse-overlayfs, as configured");
      case AUTO ->
          switch (result) {
            case Works(OverlayAbilities abilities) ->
                overlayfs(abilities, Finding.ok(CHECK, "overlayfs: " + worked(abilities)));
            case DoesNotWork(String reason) ->
                fuseOverlayfs("fuse-overlayfs: the kernel's overlay does not work here: " + reason);
            case CannotTry(String reason, _) ->
                fuseOverlayfs("fuse-overlayfs: the kernel's overlay cannot be tried: " + reason);
          };
      case OVERLAYFS ->
          switch (result) {
            case Works(OverlayAbilities abilities) ->
                overlayfs(
                    abilities, Finding.ok(CHECK, "overlayfs, as configured: " + worked(abilities)));
            case DoesNotWork(String reason) ->
                overlayfs(
                    OverlayAbilities.NONE,
                    Finding.fatal(
                        CHECK,
                        "overlayfs is configured, but does not work here: " + reason,
                        "set fuselage.driver to auto or fuse-overlayfs, or put fuselage.root on"
                            + " a file system such as ext4, XFS or Btrfs"));
            case CannotTry(String reason, OverlayAbilities assumed) ->
                overlayfs(
                    assumed,
                    Finding.warn(
                        CHECK,
                        "overlayfs, as configured, on trust: it cannot be tried: " + reason,
                        MAY_FAIL));
          };
    };
  }

  private static String worked(OverlayAbilities abilities) {
    return abilities.idMapped()
        ? "a trial mount worked, and so did one of id-mapped layers"
        : "a trial mount worked, id-mapped layers did not";
  }

  private static Resolution fuseOverlayfs(String detail) {
    return new Resolution(Driver.FUSE_OVERLAYFS, OverlayAbilities.NONE, Finding.ok(CHECK, detail));
  }

  private static Resolution overlayfs(OverlayAbilities abilities, Finding finding) {
    return new Resolution(Driver.OVERLAYFS, abilities, finding);
  }
}
