package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged layer of a real containerd, and the way out of it that the command names. */
class DamagedLayerIT {
  private static final String IMAGE = "docker.io/fuselage/test:latest";
  private static final String OTHER_NAME = "docker.io/fuselage/test:other";
  private static final String CONTAINER = "user";
  private static final int DAMAGE_FOUND = 4;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @ParameterizedTest(name = "containerd {0}")
  @ValueSource(ints = {1, 2})
  void whatIsDamagedIsHealedByTheCommandsThatAreNamed(int major) throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Path image = workspace.resolve("image.tar");
    workspace
        .run(Parts.goCommand("testimage").toString(), "-o", image.toString(), "-name", IMAGE)
        .succeeded();
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage =
          Installation.in(workspace.path(), namespace, Parts.launcher())
              .with("FUSELAGE_CONTAINERD_SOCKET", workspace.resolve("containerd.sock").toString());
      try (Service service = fuselage.start();
          SnapshotterClient client = service.client();
          Containerd containerd =
              Containerd.start(namespace, Containerd.programs(major), workspace.path(), fuselage)) {
        Containers containers =
            new Containers(containerd, List.of("--cgroup", "/" + workspace.path().getFileName()));
        containerd.load(image);
        containerd.ctr("images", "tag", IMAGE, OTHER_NAME);
        containers.start(IMAGE, CONTAINER);
        damageALayer(fuselage);
        assertThat(fuselage.run("verify").exitCode()).isEqualTo(DAMAGE_FOUND);

        for (JsonNode use : awaitUses(fuselage)) {
          Place.run(containerd.command("sh", "-c", use.get("command").asText())).succeeded();
        }

        assertThat(Answer.of(fuselage, "quarantine", "ls").rows()).isEmpty();
        assertThat(keys(client)).isEmpty();
        containerd.load(image);
        containers.run(IMAGE, "again", "/check");
        assertThat(service.stop()).as(service.log()).isZero();
      }
    }
  }

  private static void damageALayer(Installation fuselage) throws Exception {
    try (var files = Files.walk(fuselage.root().resolve("snapshots"))) {
      Path program =
          files
              .filter(path -> path.endsWith("bin/busybox") && Files.isRegularFile(path))
              .findFirst()
              .orElseThrow();
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** The container first, then the image by both of its names; the view follows containerd. */
  private static List<JsonNode> awaitUses(Installation fuselage) {
    Awaitility.await("what uses it")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(uses(fuselage))
                    .extracting(use -> use.get("kind").asText(), use -> use.get("name").asText())
                    .containsExactly(tuple("container", CONTAINER), tuple("image", IMAGE)));
    List<JsonNode> uses = uses(fuselage);
    assertThat(uses.getLast().get("command").asText()).contains("'" + OTHER_NAME + "'");
    assertThat(fuselage.run("quarantine", "ls").succeeded().out())
        .contains("used by: container default/" + CONTAINER, "remove it: ctr --namespace");
    return uses;
  }

  private static List<JsonNode> uses(Installation fuselage) {
    Answer quarantine = Answer.of(fuselage, "quarantine", "ls");
    assertThat(quarantine.rows()).hasSize(1);
    return quarantine.at("/0/uses").rows();
  }

  private static List<String> keys(SnapshotterClient client) {
    try (Listing<Info> listing = client.list(List.of())) {
      List<String> keys = new ArrayList<>();
      listing.forEachRemaining(info -> keys.add(info.name()));
      return keys;
    }
  }
}
