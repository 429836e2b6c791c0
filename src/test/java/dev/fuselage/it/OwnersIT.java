package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fuselage.grpc.SnapshotterClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.assertj.core.data.Percentage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whose every byte is, with a real containerd that says what it needs, on a node with many images
 * and pods, and one of each that eats the disk.
 */
class OwnersIT {
  private static final String IMAGE = "docker.io/fuselage/test:latest";
  private static final int LAYERS = 4;
  private static final int MIB = 1 << 20;

  /** Images; 40 make 300 layers and 60 containers. */
  private static final int SHORT_FORM = 4;

  private static final int TRASH_MEBIBYTES_AN_IMAGE = 26;
  private static final List<String> KINDS =
      List.of("image", "pod", "unpacking", "unclaimed", "orphan", "trash", "fuselage");

  @RegisterExtension private final Workspace workspace = new Workspace();

  /** What was planted, by the names under which it is to be found. */
  private record Planted(String unpack, String chain, String trash, int trashMebibytes) {}

  @ParameterizedTest(name = "containerd {0}")
  @ValueSource(ints = {1, 2})
  void everyByteHasAnOwnerAndEachEaterIsNamed(int major) throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Campaign campaign = Campaign.begin("owners", SHORT_FORM);
    Path image = workspace.resolve("image.tar");
    workspace
        .run(Parts.goCommand("testimage").toString(), "-o", image.toString(), "-name", IMAGE)
        .succeeded();
    Path archive = ManyImages.write(workspace, campaign.count());
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage =
          Installation.in(workspace.path(), namespace, Parts.launcher())
              .with("FUSELAGE_CONTAINERD_SOCKET", workspace.resolve("containerd.sock").toString())
              .with("FUSELAGE_UNCLAIMED_AFTER", "1s")
              // So that there is trash for as long as somebody looks, however full this disk is.
              .with("FUSELAGE_REAPER_ENTRIES_PER_SECOND", "1")
              .with("FUSELAGE_REAPER_CLEANUP_LIMIT", "1ms")
              .with("FUSELAGE_REAPER_FULL_SPEED_BELOW", "0");
      try (Service service = fuselage.start();
          SnapshotterClient client = service.client();
          Containerd containerd =
              Containerd.start(namespace, Containerd.programs(major), workspace.path(), fuselage)) {
        containerd.load(image);
        BusyNode node = new BusyNode(containerd, service, campaign.count());
        node.fill(archive, "web-%02d"::formatted);
        node.write(key -> key.hashCode() & 0x3fffff);
        List<String> options = new ArrayList<>(Eaters.podLabels());
        options.addAll(List.of("--cgroup", "/" + workspace.path().getFileName()));
        Containers containers = new Containers(containerd, options);
        Eaters.pod(containers, IMAGE);
        Planted planted =
            plant(new Eaters(containerd, fuselage, client), fuselage, campaign.count());

        assertSumIsWhatDuSays(namespace, fuselage, campaign);
        assertTheMetricsNameThem(Scrape.of(service), planted);
        assertThePageNamesThem(service.managementAddress(), planted);
        assertTheCommandsNameThem(fuselage, planted);

        freeWhatContainerdDoesNotKnow(fuselage, containerd);
        freeWhatIsUnclaimed(fuselage, containerd);
        // Begins containerd's collection of all that goes.
        containerd.ctr("images", "rm", "--sync", IMAGE);
        await(fuselage, answer -> answer.rows().isEmpty(), "unclaimed");
        assertLayersWithoutAnImageAreThePods(fuselage);
        containers.stop(Eaters.CONTAINER);
        assertThat(service.stop()).as(service.log()).isZero();
      }
    }
  }

  private Planted plant(Eaters eaters, Installation fuselage, int images) throws Exception {
    int trashMebibytes = images * TRASH_MEBIBYTES_AN_IMAGE;
    String chain = eaters.chain(workspace);
    String unpack = eaters.unpack(workspace);
    eaters.lost(Eaters.LOST);
    eaters.orphan();
    eaters.forgotten();
    Planted planted = new Planted(unpack, chain, eaters.trash(trashMebibytes), trashMebibytes);
    for (String kind : KINDS) {
      await(fuselage, rows -> rows.has("kind", kind), "usage", "--by", "owner");
    }
    for (String key : List.of(Eaters.LOST, Eaters.HOLDER, Eaters.FORGOTTEN, chain)) {
      await(fuselage, rows -> rows.has("key", key), "unclaimed");
    }
    return planted;
  }

  private static void assertSumIsWhatDuSays(
      Namespace namespace, Installation fuselage, Campaign campaign) {
    long sum = 0;
    for (JsonNode row : Answer.of(fuselage, "usage", "--by", "owner").rows()) {
      sum += row.get("bytes").asLong();
    }
    String said =
        namespace
            .run("du", "--summarize", "--block-size=1", fuselage.root().toString())
            .succeeded()
            .out();
    long du = Long.parseLong(said.split("\t", 2)[0]);

    campaign.summary(
        "%d layers and %d containers: owners hold %d bytes, du says %d, %+.3f %%"
            .formatted(
                ManyImages.layers(campaign.count()),
                BusyNode.containers(campaign.count()),
                sum,
                du,
                (sum - du) * 100.0 / du));
    assertThat(sum).isCloseTo(du, Percentage.withPercentage(1));
  }

  private static void assertTheMetricsNameThem(Scrape scrape, Planted planted) {
    assertThat(scrape.sum("fuselage_owner_bytes")).isEqualTo(scrape.sum("fuselage_root_bytes"));
    assertThat(scrape.sum("fuselage_pod_bytes", "\"" + Eaters.POD + "\""))
        .isGreaterThan(mebibytes(Eaters.POD_MEBIBYTES));
    assertThat(
            scrape.sum(
                "fuselage_snapshot_bytes", "\"" + planted.unpack() + "\"", "owner=\"unpacking\""))
        .isGreaterThan(mebibytes(Eaters.UNPACK_MEBIBYTES));
    assertThat(scrape.sum("fuselage_owner_bytes", "kind=\"orphan\""))
        .isGreaterThan(mebibytes(Eaters.ORPHAN_MEBIBYTES));
    assertThat(
            scrape.sum("fuselage_snapshot_bytes", "/" + Eaters.LOST + "\"", "owner=\"unclaimed\""))
        .isGreaterThan(mebibytes(Eaters.LOST_MEBIBYTES));
    assertThat(
            scrape.sum(
                "fuselage_snapshot_bytes", "\"" + planted.chain() + "\"", "owner=\"unclaimed\""))
        .isGreaterThan(mebibytes(Eaters.GONE_LAYER_MEBIBYTES));
    assertThat(scrape.sum("fuselage_owner_bytes", "kind=\"unclaimed\""))
        .isGreaterThan(
            mebibytes(Eaters.LOST_MEBIBYTES + Eaters.GONE_LAYERS * Eaters.GONE_LAYER_MEBIBYTES));
    assertThat(scrape.sum("fuselage_owner_bytes", "kind=\"trash\""))
        .isGreaterThan(half(planted.trashMebibytes()));
    assertThat(scrape.sum("fuselage_trash_trees")).isPositive();
  }

  private static void assertThePageNamesThem(URI page, Planted planted) throws Exception {
    Answer report = Answer.of(page.resolve("/api/node.json"));
    Answer owners = report.at("/report/owners");
    JsonNode pod = owners.row("kind", "pod").at("/rows/0");
    assertThat(pod.get("name").asText()).isEqualTo(Eaters.POD);
    assertThat(pod.get("bytes").asDouble()).isGreaterThan(mebibytes(Eaters.POD_MEBIBYTES));
    assertThat(owners.row("kind", "orphan").get("bytes").asDouble())
        .isGreaterThan(mebibytes(Eaters.ORPHAN_MEBIBYTES));
    assertThat(owners.row("kind", "trash").get("bytes").asDouble())
        .isGreaterThan(half(planted.trashMebibytes()));
    Answer unclaimed = report.at("/report/unclaimed/rows");
    for (String key : List.of(Eaters.LOST, Eaters.HOLDER, planted.chain())) {
      assertThat(unclaimed.has("key", key)).as("%s in %s", key, unclaimed).isTrue();
    }
    Answer unpacking = Answer.of(page.resolve("/api/rows.json?of=snapshot&kind=unpacking"));
    assertThat(unpacking.at("/rows").has("key", planted.unpack())).isTrue();
    Answer layers =
        Answer.of(page.resolve("/api/rows.json?of=layer&namespace=default&image=" + IMAGE));
    assertThat(layers.at("/rows").rows())
        .hasSize(LAYERS)
        .allSatisfy(layer -> assertThat(layer.get("images").asInt()).isOne());
  }

  private static void assertTheCommandsNameThem(Installation fuselage, Planted planted) {
    JsonNode pod = Answer.of(fuselage, "usage", "--by", "pod").row("name", Eaters.POD);
    assertThat(pod.get("namespace").asText()).isEqualTo(Eaters.POD_NAMESPACE);
    assertThat(pod.get("bytes").asDouble()).isGreaterThan(mebibytes(Eaters.POD_MEBIBYTES));
    JsonNode image = Answer.of(fuselage, "usage", "--by", "image").row("name", IMAGE);
    assertThat(image.get("snapshots").asInt()).isEqualTo(LAYERS);
    JsonNode unpack = Answer.of(fuselage, "usage", "--by", "snapshot").row("key", planted.unpack());
    assertThat(unpack.get("owner").asText()).isEqualTo("unpacking");
    Answer unclaimed = Answer.of(fuselage, "unclaimed");
    assertThat(unclaimed.row("key", Eaters.LOST).has("command")).isTrue();
    assertThat(unclaimed.row("key", Eaters.HOLDER).has("command")).isTrue();
    assertThat(unclaimed.row("key", Eaters.LOST).get("known").asBoolean()).isTrue();
    assertThat(unclaimed.row("key", Eaters.FORGOTTEN).get("known").asBoolean()).isFalse();
    JsonNode chain = unclaimed.row("key", planted.chain());
    assertThat(chain.get("children").asInt()).isOne();
    assertThat(chain.has("command")).as("a command for what others stand on").isFalse();
    assertThat(Answer.of(fuselage, "trash", "ls").has("id", planted.trash())).isTrue();
    assertThat(fuselage.run("top").succeeded().out()).contains(KINDS).contains(Eaters.POD);
  }

  /** Before containerd has any other reason to look for such. */
  private static void freeWhatContainerdDoesNotKnow(Installation fuselage, Containerd containerd) {
    String command =
        Answer.of(fuselage, "unclaimed").row("key", Eaters.FORGOTTEN).get("command").asText();
    Place.run(containerd.command("sh", "-c", command)).succeeded();
    assertThat(Answer.of(fuselage, "ls").has("key", Eaters.FORGOTTEN)).isFalse();
  }

  /** By the commands that it names; layers go with what stands on them. */
  private static void freeWhatIsUnclaimed(Installation fuselage, Containerd containerd) {
    for (JsonNode unclaimed : Answer.of(fuselage, "unclaimed").rows()) {
      if (unclaimed.has("command")) {
        Place.run(containerd.command("sh", "-c", unclaimed.get("command").asText())).succeeded();
      }
    }
  }

  private static void assertLayersWithoutAnImageAreThePods(Installation fuselage) {
    await(
        fuselage,
        pods -> pods.row("name", Eaters.POD).get("snapshots").asInt() == LAYERS + 1,
        "usage",
        "--by",
        "pod");
    assertThat(Answer.of(fuselage, "usage", "--by", "image").has("name", IMAGE)).isFalse();
  }

  private static double mebibytes(int number) {
    return (double) number * MIB;
  }

  /** Some of it the reaper has deleted. */
  private static double half(int mebibytes) {
    return mebibytes(mebibytes) / 2;
  }

  private static void await(Installation fuselage, Predicate<Answer> holds, String... command) {
    Awaitility.await(String.join(" ", command))
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(Answer.of(fuselage, command)).matches(holds));
  }
}
