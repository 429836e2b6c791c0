package dev.fuselage.it;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * A node like any: a containerd with images, and pods upon them that wrote.
 *
 * @param images how many, as {@link ManyImages} names them
 */
record BusyNode(Containerd containerd, Service service, int images) {
  /** Three containers upon each two images. */
  static int containers(int images) {
    return images * 3 / 2;
  }

  /**
   * Brings the images, and makes a container of a pod of its own as often as {@link #containers}
   * says. None runs.
   */
  void fill(Path archive, IntFunction<String> podName) {
    containerd.load(archive);
    for (int i = 0; i < containers(images); i++) {
      List<String> line = new ArrayList<>(List.of("containers", "create"));
      line.addAll(List.of("--snapshotter", "fuselage"));
      line.addAll(List.of("--label", "io.kubernetes.pod.name=" + podName.apply(i)));
      line.addAll(List.of("--label", "io.kubernetes.pod.namespace=team-" + i % 4));
      line.addAll(List.of(ManyImages.name(i % images), "container-" + i));
      containerd.ctr(line.toArray(String[]::new));
    }
  }

  /** Writes a file into each active snapshot that there is, of so many bytes by its key. */
  void write(ToIntFunction<String> bytes) throws IOException {
    try (SnapshotterClient client = service.client();
        Listing<Info> listing = client.list(List.of("kind==active"))) {
      while (listing.hasNext()) {
        String key = listing.next().name();
        write(files(client, key), bytes.applyAsInt(key));
      }
    }
  }

  /** Where what is written into an active snapshot lies. */
  static Path files(SnapshotterClient client, String key) {
    return Layers.writable(client.mounts(key).getFirst());
  }

  /** Writes a file into a directory, which need not exist. */
  static void write(Path directory, int bytes) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("file"), new byte[bytes]);
  }
}
