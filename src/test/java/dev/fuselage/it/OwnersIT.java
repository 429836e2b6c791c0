package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.assertj.core.data.Percentage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whose every byte is, with a real containerd that says what it needs. */
class OwnersIT {
  private static final String IMAGE = "docker.io/fuselage/test:latest";
  private static final int LAYERS = 4;
  private static final int MIB = 1 << 20;
  private static final Pattern BYTES = Pattern.compile("\"bytes\": (\\d+)");
  private static final Pattern COMMAND = Pattern.compile("\"command\": \"([^\"]+)\"");

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void everyByteHasAnOwnerAndEachEaterIsNamed() throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Path image = workspace.resolve("image.tar");
    workspace
        .run(Parts.goCommand("testimage").toString(), "-o", image.toString(), "-name", IMAGE)
        .succeeded();
    Path directory = workspace.path();
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage =
          Installation.in(directory, namespace, Parts.launcher())
              .with("FUSELAGE_CONTAINERD_SOCKET", workspace.resolve("containerd.sock").toString())
              .with("FUSELAGE_UNCLAIMED_AFTER", "1s");
      Path programs = Parts.needed("containerd", "containerd").resolveSibling("");
      try (Service service = fuselage.start();
          Containerd containerd = Containerd.start(namespace, programs, directory, fuselage)) {
        containerd.ctr("images", "import", "--snapshotter", "fuselage", image.toString());
        Containers containers =
            new Containers(
                containerd,
                List.of(
                    "--cgroup",
                    "/" + directory.getFileName(),
                    "--label",
                    "io.kubernetes.pod.name=web-0",
                    "--label",
                    "io.kubernetes.pod.namespace=shop"));
        containers.start(IMAGE, "writer");
        containers.exec("writer", "dd if=/dev/zero of=/big bs=1M count=200 2>/dev/null");
        containerd.ctr("snapshots", "prepare", "it's lost");
        plant(fuselage.root().resolve("snapshots/999999/fs"), 3);
        plant(fuselage.root().resolve("trash/999998/fs"), 5);

        for (String kind : List.of("image", "pod", "unclaimed", "orphan", "trash", "fuselage")) {
          awaitInAnswer(fuselage, "\"kind\": \"" + kind + "\"", "usage", "--by", "owner");
        }
        assertSumIsWhatDuSays(namespace, fuselage);
        assertThat(answer(fuselage, "usage", "--by", "pod"))
            .contains("\"namespace\": \"shop\"", "\"name\": \"web-0\"");
        assertThat(bytes(answer(fuselage, "usage", "--by", "pod"))).isGreaterThan(200L * MIB);
        assertThat(answer(fuselage, "usage", "--by", "image"))
            .contains("\"name\": \"" + IMAGE + "\"", "\"snapshots\": " + LAYERS);
        assertThePageNamesThem(service);

        assertTheCommandFreesWhatIsUnclaimed(fuselage, containerd);
        assertLayersWithoutAnImageAreThePods(fuselage, containerd);
        containers.stop("writer");
        assertThat(service.stop()).as(service.log()).isZero();
      }
    }
  }

  private static void assertThePageNamesThem(Service service) throws Exception {
    URI page = service.managementAddress();
    JsonNode report = json(page.resolve("/api/node.json")).get("report");
    assertThat(owner(report, "pod").at("/rows/0/name").asText()).isEqualTo("web-0");
    assertThat(owner(report, "pod").at("/rows/0/bytes").asLong()).isGreaterThan(200L * MIB);
    assertThat(owner(report, "orphan").get("bytes").asLong()).isGreaterThan(3L * MIB);
    assertThat(owner(report, "trash").get("bytes").asLong()).isGreaterThan(5L * MIB);
    assertThat(report.at("/unclaimed/rows/0/key").asText()).endsWith("/it's lost");
    JsonNode layers =
        json(page.resolve("/api/rows.json?of=layer&namespace=default&image=" + IMAGE));
    assertThat(layers.get("rows")).hasSize(LAYERS);
    assertThat(layers.at("/rows/0/images").asInt()).isOne();
  }

  private static JsonNode owner(JsonNode report, String kind) {
    for (JsonNode owner : report.get("owners")) {
      if (owner.get("kind").asText().equals(kind)) {
        return owner;
      }
    }
    throw new AssertionError("no " + kind + " in " + report);
  }

  private static JsonNode json(URI address) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return new ObjectMapper().readTree(answer.body());
    }
  }

  private static void plant(Path directory, int mebibytes) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("file"), new byte[mebibytes * MIB]);
  }

  private static void assertSumIsWhatDuSays(Namespace namespace, Installation fuselage) {
    String du =
        namespace
            .run("du", "--summarize", "--block-size=1", fuselage.root().toString())
            .succeeded()
            .out();

    assertThat(bytes(answer(fuselage, "usage", "--by", "owner")))
        .isCloseTo(Long.parseLong(du.split("\t", 2)[0]), Percentage.withPercentage(1));
  }

  private static void assertTheCommandFreesWhatIsUnclaimed(
      Installation fuselage, Containerd containerd) {
    String command =
        COMMAND
            .matcher(answer(fuselage, "unclaimed"))
            .results()
            .map(found -> found.group(1).replace("\\\\", "\\"))
            .findFirst()
            .orElseThrow();
    assertThat(command).contains("lost");

    Place.run(containerd.command("sh", "-c", command)).succeeded();

    awaitNotInAnswer(fuselage, "lost", "unclaimed");
  }

  private static void assertLayersWithoutAnImageAreThePods(
      Installation fuselage, Containerd containerd) {
    containerd.ctr("images", "rm", "--sync", IMAGE);

    awaitInAnswer(fuselage, "\"snapshots\": " + (LAYERS + 1), "usage", "--by", "pod");
    assertThat(answer(fuselage, "usage", "--by", "image")).doesNotContain(IMAGE);
  }

  private static void awaitInAnswer(Installation fuselage, String text, String... command) {
    Awaitility.await(text)
        .atMost(Duration.ofMinutes(1))
        .until(() -> answer(fuselage, command).contains(text));
  }

  private static void awaitNotInAnswer(Installation fuselage, String text, String... command) {
    Awaitility.await("no " + text)
        .atMost(Duration.ofMinutes(1))
        .until(() -> !answer(fuselage, command).contains(text));
  }

  private static long bytes(String answer) {
    return BYTES.matcher(answer).results().map(OwnersIT::number).reduce(0L, Long::sum);
  }

  private static long number(MatchResult found) {
    return Long.parseLong(found.group(1));
  }

  private static String answer(Installation fuselage, String... command) {
    String[] line = Arrays.copyOf(command, command.length + 2);
    line[command.length] = "-o";
    line[command.length + 1] = "json";
    return fuselage.run(line).succeeded().out();
  }
}
