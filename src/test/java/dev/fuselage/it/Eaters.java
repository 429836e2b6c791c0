package dev.fuselage.it;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What holds a node's disk and should not, or more of it than others. Each is planted in the way it
 * comes about, through containerd where that has to do with it.
 */
final class Eaters {
  static final String POD = "web-writer";
  static final String POD_NAMESPACE = "shop";
  static final int POD_MEBIBYTES = 200;
  static final String CONTAINER = "writer";
  static final String LEFT_IMAGE = "registry.example/left:1";
  static final int UNPACK_MEBIBYTES = 8;
  static final int ORPHAN_MEBIBYTES = 6;
  static final String LOST = "it's lost";
  static final int LOST_MEBIBYTES = 7;
  static final String FORGOTTEN = "default/0/for\\gotten";
  static final String GONE_IMAGE = "registry.example/gone:1";
  static final int GONE_LAYERS = 3;
  static final int GONE_LAYER_MEBIBYTES = 5;
  static final String HOLDER = "holds the chain";

  private static final int MIB = 1 << 20;
  private static final int LARGE_LAYER = 64 * MIB;
  private static final int SMALL_FILE = 64 << 10;
  private static final int TRIES = 10;

  private final Containerd containerd;
  private final Installation fuselage;
  private final SnapshotterClient client;

  Eaters(Containerd containerd, Installation fuselage, SnapshotterClient client) {
    this.containerd = containerd;
    this.fuselage = fuselage;
    this.client = client;
  }

  /** A pod that runs, and writes a lot. */
  static void pod(Containers containers, String image) throws Exception {
    containers.start(image, CONTAINER);
    containers.exec(
        CONTAINER, "dd if=/dev/zero of=/big bs=1M count=%d 2>/dev/null".formatted(POD_MEBIBYTES));
  }

  /** Labels of that pod, as options of {@code ctr run}. */
  static List<String> podLabels() {
    return List.of(
        "--label",
        "io.kubernetes.pod.name=" + POD,
        "--label",
        "io.kubernetes.pod.namespace=" + POD_NAMESPACE);
  }

  /**
   * An unpack that was killed: its lease keeps what it left.
   *
   * @return the key of what it was about to extract
   */
  String unpack(Workspace workspace) throws Exception {
    Path archive = ManyImages.single(workspace, LEFT_IMAGE, 1, LARGE_LAYER);
    for (int tries = 0; tries < TRIES; tries++) {
      Process importing =
          containerd
              .loading(archive)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        while (importing.isAlive() && extraction().isEmpty()) {
          Thread.sleep(2);
        }
      } finally {
        importing.descendants().forEach(ProcessHandle::destroyForcibly);
        importing.destroyForcibly().waitFor();
      }
      Optional<String> left = extraction();
      if (left.isPresent()) {
        // Of what the kill came before.
        BusyNode.write(BusyNode.files(client, left.get()), UNPACK_MEBIBYTES * MIB);
        return left.get();
      }
      // The kill came too late.
      containerd.ctr("images", "rm", "--sync", LEFT_IMAGE);
    }
    throw new AssertionError("no unpack could be killed before its end");
  }

  private Optional<String> extraction() {
    return infos().stream().map(Info::name).filter(key -> key.contains("/extract-")).findFirst();
  }

  /** A directory that no snapshot has. */
  void orphan() throws IOException {
    BusyNode.write(fuselage.root().resolve("snapshots/999999/fs"), ORPHAN_MEBIBYTES * MIB);
  }

  /** An active snapshot that nobody claims, under such a key. */
  void lost(String key) throws IOException {
    containerd.ctr("snapshots", "prepare", key);
    BusyNode.write(BusyNode.files(client, ours(key)), LOST_MEBIBYTES * MIB);
  }

  /** A snapshot that containerd does not know. */
  void forgotten() {
    client.prepare(Call.PATIENT, FORGOTTEN, "", Labels.NONE);
  }

  /**
   * An image that was removed while an active snapshot, which nobody claims either, stood on it.
   *
   * @return the key of its uppermost layer
   */
  String chain(Workspace workspace) throws IOException {
    List<String> before = infos().stream().map(Info::name).toList();
    containerd.load(
        ManyImages.single(workspace, GONE_IMAGE, GONE_LAYERS, GONE_LAYER_MEBIBYTES * MIB));
    List<Info> chain = new ArrayList<>(infos());
    chain.removeIf(info -> before.contains(info.name()) || info.kind() != Kind.COMMITTED);
    List<String> parents = chain.stream().map(Info::parent).toList();
    String top =
        chain.stream()
            .map(Info::name)
            .filter(name -> !parents.contains(name))
            .findFirst()
            .orElseThrow();
    containerd.ctr("snapshots", "prepare", HOLDER, top.split("/", 3)[2]);
    containerd.ctr("images", "rm", "--sync", GONE_IMAGE);
    return top;
  }

  /**
   * A snapshot of many small files that was removed, and is deleted file by file. Not by
   * containerd, which has us delete what it removed at full speed.
   *
   * @return its id
   */
  String trash(int mebibytes) throws IOException {
    String key = "default/0/thrown away";
    client.prepare(Call.PATIENT, key, "", Labels.NONE);
    Path files = BusyNode.files(client, key);
    for (int i = 0; i < mebibytes * (MIB / SMALL_FILE); i++) {
      BusyNode.write(files.resolve(Integer.toString(i)), SMALL_FILE);
    }
    client.remove(Call.PATIENT, key);
    return String.valueOf(files.resolveSibling("").getFileName());
  }

  /** What we call what containerd calls by such a key. */
  private String ours(String key) {
    return infos().stream()
        .map(Info::name)
        .filter(name -> name.endsWith("/" + key))
        .findFirst()
        .orElseThrow();
  }

  private List<Info> infos() {
    List<Info> infos = new ArrayList<>();
    try (Listing<Info> listing = client.list(List.of())) {
      listing.forEachRemaining(infos::add);
    }
    return infos;
  }
}
