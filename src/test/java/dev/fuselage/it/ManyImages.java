package dev.fuselage.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.IntSupplier;

/**
 * Archives of images in OCI's layout, as containerd imports them: of many, several of which have
 * their lower layers in common, or of one that shares nothing.
 */
final class ManyImages {
  static final int BASES = 5;
  static final int LAYERS_OF_A_BASE = 4;
  static final int LAYERS_OF_AN_IMAGE = 7;

  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final int MOST_BYTES = 2_000_000;

  private final Workspace workspace;
  private final Path layout;
  private final Random random = new Random(7);

  private record Blob(String digest, long size) {}

  private ManyImages(Workspace workspace, String name) {
    this.workspace = workspace;
    layout = workspace.resolve(name);
  }

  static String name(int number) {
    return "registry.example/team-%d/service-%02d:1.%d".formatted(number % 6, number, number % 4);
  }

  /** How many layers so many images have. */
  static int layers(int images) {
    return Math.min(images, BASES) * LAYERS_OF_A_BASE + images * LAYERS_OF_AN_IMAGE;
  }

  /** How many of them several images have: the bases go round. */
  static int sharedLayers(int images) {
    return Math.clamp(images - BASES, 0, BASES) * LAYERS_OF_A_BASE;
  }

  /** Writes an archive of so many. */
  static Path write(Workspace workspace, int images) throws IOException {
    return new ManyImages(workspace, "images").write(images);
  }

  /**
   * Writes an archive of a single image.
   *
   * @param image its name, of which the part after the last slash names the archive
   * @param bytes of the one file in each layer
   */
  static Path single(Workspace workspace, String image, int layers, int bytes) throws IOException {
    String name = image.substring(image.lastIndexOf('/') + 1).replace(':', '-');
    ManyImages archive = new ManyImages(workspace, name);
    Files.createDirectories(archive.layout.resolve("blobs/sha256"));
    List<Blob> blobs = archive.layers(name, layers, () -> bytes);
    return archive.archive(List.of(archive.described(blobs, image)));
  }

  private Path write(int images) throws IOException {
    Files.createDirectories(layout.resolve("blobs/sha256"));
    List<List<Blob>> bases = new ArrayList<>();
    for (int i = 0; i < Math.min(images, BASES); i++) {
      bases.add(layers("base-" + i, LAYERS_OF_A_BASE, this::size));
    }
    List<String> manifests = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      List<Blob> layers = new ArrayList<>(bases.get(i % bases.size()));
      layers.addAll(layers("service-" + i, LAYERS_OF_AN_IMAGE, this::size));
      manifests.add(described(layers, name(i)));
    }
    return archive(manifests);
  }

  private String described(List<Blob> layers, String image) throws IOException {
    return "{%s,\"annotations\":{\"io.containerd.image.name\":\"%s\"}}"
        .formatted(descriptor(MANIFEST, manifest(layers)), image);
  }

  private Path archive(List<String> manifests) throws IOException {
    Files.writeString(
        layout.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[%s]}".formatted(String.join(",", manifests)));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Path archive = layout.resolveSibling(layout.getFileName() + ".tar");
    workspace.run("tar", "-C", layout.toString(), "-cf", archive.toString(), ".").succeeded();
    return archive;
  }

  private List<Blob> layers(String name, int count, IntSupplier size) throws IOException {
    List<Blob> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path content = workspace.resolve("layer");
      Files.createDirectories(content.resolve(name));
      byte[] bytes = new byte[size.getAsInt()];
      random.nextBytes(bytes);
      Path file = content.resolve(name).resolve("file-" + i);
      Files.write(file, bytes);
      Path tar = workspace.resolve("layer.tar");
      workspace.run("tar", "-C", content.toString(), "-cf", tar.toString(), ".").succeeded();
      layers.add(blob(Files.readAllBytes(tar)));
      Files.delete(file);
      Files.delete(content.resolve(name));
    }
    return layers;
  }

  /** Most are small, some are large. */
  private int size() {
    double share = random.nextDouble();
    return 1000 + (int) (share * share * share * MOST_BYTES);
  }

  private Blob manifest(List<Blob> layers) throws IOException {
    StringJoiner ids = new StringJoiner("\",\"", "[\"", "\"]");
    layers.forEach(layer -> ids.add(layer.digest()));
    Blob config =
        blob(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/true\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":%s}}"
                .formatted(ids)
                .getBytes(UTF_8));
    StringJoiner descriptors = new StringJoiner("},{", "[{", "}]");
    layers.forEach(layer -> descriptors.add(descriptor(LAYER, layer)));
    return blob(
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{%s},\"layers\":%s}"
            .formatted(MANIFEST, descriptor(CONFIG, config), descriptors)
            .getBytes(UTF_8));
  }

  private static String descriptor(String type, Blob blob) {
    return "\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d"
        .formatted(type, blob.digest(), blob.size());
  }

  private Blob blob(byte[] bytes) throws IOException {
    try {
      String hex = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      Files.write(layout.resolve("blobs/sha256").resolve(hex), bytes);
      return new Blob("sha256:" + hex, bytes.length);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has it", e);
    }
  }
}
