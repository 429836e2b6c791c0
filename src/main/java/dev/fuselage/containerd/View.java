package dev.fuselage.containerd;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What containerd uses our snapshots for, at one moment.
 *
 * @param images that are unpacked on us; one that has several names counts once
 * @param leased snapshots that a lease keeps
 */
public record View(List<Container> containers, List<Image> images, Set<ContainerdKey> leased) {
  /**
   * The most characters of a name that are kept or shown: names come from outside. containerd lets
   * an image have one of 32,768 bytes; what removes it needs that as it is.
   */
  private static final int MOST_CHARACTERS = 512;

  public View {
    containers = List.copyOf(containers);
    images = List.copyOf(images);
    leased = Set.copyOf(leased);
  }

  /**
   * A container whose file system is with us.
   *
   * @param id in its namespace
   * @param image the name that it was made from; may be empty
   * @param pod empty for one that Kubernetes did not make
   */
  public record Container(ContainerdKey snapshot, String id, String image, Optional<Pod> pod) {
    public Container {
      id = shortened(id);
      image = shortened(image);
    }
  }

  /** Whose a container is, as CRI labels it. */
  public record Pod(String namespace, String name, String uid) {
    public Pod {
      namespace = shortened(namespace);
      name = shortened(name);
      uid = shortened(uid);
    }
  }

  /**
   * An image.
   *
   * @param names all that it goes by, whole, the one that tells people most first
   * @param top its topmost layer; containerd's garbage collector goes by it, too
   */
  public record Image(List<String> names, ContainerdKey top) {
    public Image {
      names = List.copyOf(names);
    }

    /** The one of its names that tells people most, shortened for them. */
    public String name() {
      return shortened(names.getFirst());
    }
  }

  private static String shortened(String name) {
    return name.length() <= MOST_CHARACTERS ? name : name.substring(0, MOST_CHARACTERS);
  }
}
