package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Place.Result;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Verification finds each damage, names it, and finds nothing else: on a root of many layers of all
 * that layers may have.
 */
class VerifyIT {
  private static final int SHORT_FORM = 40;
  private static final int DAMAGE_FOUND = 4;
  private static final int MOST_ANCESTORS = 30;

  /**
   * A way to damage a layer.
   *
   * @param script run in the layer's directory
   * @param findings each the kind and the path
   */
  private record Damage(String script, String... findings) {
    /** Whether the layer may not be used any more. */
    boolean bars() {
      return !List.of(findings).contains("record-file ");
    }
  }

  /** Seen from what a layer is made of; times that the damage would leave are put right. */
  private static final List<Damage> DAMAGES =
      List.of(
          new Damage("truncate -s 3 etc/file", "tree etc/file"),
          new Damage(
              "t=$(stat -c %y etc/file); : > etc/file; touch -d \"$t\" etc/file", "tree etc/file"),
          new Damage("chmod 600 etc/file", "tree etc/file"),
          new Damage("setfattr -x user.kind etc/file", "tree etc/file"),
          new Damage("setfattr -x security.capability usr/lib/file4", "tree usr/lib/file4"),
          new Damage(
              """
              t=$(stat -c %y srv)
              mv srv/blue srv/other; mv srv/green srv/blue; mv srv/other srv/green
              touch -d "$t" srv""",
              "tree srv", "tree srv/blue", "tree srv/green"),
          new Damage("chown 0:2000 usr/lib/file3", "tree usr/lib/file3"),
          new Damage("touch -d @1 usr/lib/file5", "tree usr/lib/file5"),
          new Damage(
              "t=$(stat -c %y usr/lib); rm usr/lib/file6; touch -d \"$t\" usr/lib", "tree usr/lib"),
          new Damage(
              """
              t=$(stat -c %y usr/lib)
              cp -p usr/lib/same usr/lib/copy; mv -f usr/lib/copy usr/lib/same
              touch -d "$t" usr/lib""",
              "tree usr/lib", "tree usr/lib/file1", "tree usr/lib/same"),
          new Damage(
              """
              t=$(stat -c %y usr/lib); l=$(stat -c %y usr/lib/link)
              ln -sf ../etc/fill usr/lib/link; touch -h -d "$l" usr/lib/link
              touch -d "$t" usr/lib""",
              "tree usr/lib", "tree usr/lib/link"),
          new Damage("t=$(stat -c %y var); rm var/removed; touch -d \"$t\" var", "tree var"),
          new Damage("chmod 600 odd/*", "tree odd/r\\xe9sum\\xe9"),
          new Damage("echo more > usr/lib/unexpected", "tree usr/lib", "tree usr/lib/unexpected"),
          new Damage("chmod 700 .", "tree ."),
          new Damage("chmod 755 ..", "directory "),
          new Damage("rm -r ../fs", "directory "),
          new Damage("rm ../record", "record-file "),
          new Damage("head -c 20 ../record > ../t; mv ../t ../record", "record-file "),
          new Damage(
              "for r in ../../*/record; do [ $r -ef ../record ] || break; done; cp $r ../record",
              "record-file "));

  /** Of the mark that the kernel's overlay uses nothing is seen without privileges, nor by us. */
  private static final Damage OPAQUE_MARK =
      new Damage("setfattr -x user.fuseoverlayfs.opaque var/replaced", "tree var/replaced");

  private static final Damage FLIPPED_BYTE =
      new Damage(
          """
          t=$(stat -c %y etc/file)
          printf X | dd of=etc/file bs=1 seek=4 conv=notrunc status=none
          touch -d "$t" etc/file""",
          "contents etc/file");

  @RegisterExtension private final Workspace workspace = new Workspace();

  @ParameterizedTest
  @ValueSource(strings = {"fuse-overlayfs", "overlayfs"})
  void eachDamageIsFoundAndNothingElse(String driver) throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Campaign campaign = Campaign.begin("verify", SHORT_FORM);
    Random random = new Random(campaign.seed());
    Installation fuselage = reading(Installation.in(workspace.path(), workspace, Parts.launcher()));
    fuselage = fuselage.with(Installation.DRIVER, driver);
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      List<Made> layers =
          layers(
              campaign,
              client,
              new MixedLayers(workspace, workspace.resolve("templates"), driver, campaign.seed()),
              random);

      Outcome healthy = verify(fuselage, "--contents");
      assertThat(healthy.findings()).isEmpty();
      assertThat(healthy.snapshots()).isEqualTo(campaign.count());

      List<Damage> damages = new ArrayList<>(DAMAGES);
      if (driver.equals("fuse-overlayfs")) {
        damages.add(OPAQUE_MARK);
      }
      List<Made> victims =
          new ArrayList<>(
              layers.stream().filter(made -> !MixedLayers.isEmpty(made.number())).toList());
      Collections.shuffle(victims, random);
      assertThat(victims).as("layers to damage").hasSizeGreaterThan(damages.size());
      TreeSet<String> expected = new TreeSet<>();
      TreeSet<String> barred = new TreeSet<>();
      for (Damage damage : damages) {
        Made victim = victims.removeLast();
        expected.addAll(plant(damage, victim));
        if (damage.bars()) {
          barred.add(victim.name());
        }
      }
      expected.add(plantOrphan(client));
      Made flipped = victims.removeLast();
      TreeSet<String> withContents = new TreeSet<>(expected);
      withContents.addAll(plant(FLIPPED_BYTE, flipped));
      TreeSet<String> barredAtLast = new TreeSet<>(barred);
      barredAtLast.add(flipped.name());

      assertThat(verify(fuselage).findings()).isEqualTo(expected);
      assertThat(quarantine(fuselage)).isEqualTo(barred);
      assertThat(verify(fuselage, "--contents").findings()).isEqualTo(withContents);
      assertThat(quarantine(fuselage)).isEqualTo(barredAtLast);
      assertThat(service.stop()).as(service.log()).isZero();
      campaign.summary(
          "%s: of %d layers with %d entries, whole, nothing was found in %.1f s; then %d damages in %d findings, and no other"
              .formatted(
                  driver,
                  healthy.snapshots(),
                  healthy.entries(),
                  healthy.took().toMillis() / 1000.0,
                  damages.size() + 1,
                  withContents.size()));
    }
  }

  /** Reads contents at each commit, and verifies only when told. */
  private static Installation reading(Installation fuselage) {
    return fuselage
        .with("FUSELAGE_VERIFY_CONTENTS", "true")
        .with("FUSELAGE_VERIFY_EVERY", "0")
        // What reaches the disk, and when, is others' campaign.
        .with("FUSELAGE_SYNC", "metadata")
        .with("FUSELAGE_VERIFY_ENTRIES_PER_SECOND", "1000000");
  }

  /** A layer that was committed, and where it lies. */
  private record Made(int number, Path fs) {
    String name() {
      return nameOf(number);
    }

    static String nameOf(int number) {
      return "layer-" + number;
    }
  }

  /** Some upon others, as those of an image, and some upon nothing. */
  private static List<Made> layers(
      Campaign campaign, SnapshotterClient client, MixedLayers contents, Random random)
      throws IOException {
    List<Made> layers = new ArrayList<>();
    String parent = "";
    int ancestors = 0;
    for (int i = 0; i < campaign.count(); i++) {
      Made layer = commit(client, contents, i, parent);
      layers.add(layer);
      boolean last = ancestors == MOST_ANCESTORS || random.nextInt(8) == 0;
      parent = last ? "" : layer.name();
      ancestors = last ? 0 : ancestors + 1;
      campaign.progress(i + 1, "layers committed");
    }
    return layers;
  }

  private static Made commit(
      SnapshotterClient client, MixedLayers contents, int number, String parent)
      throws IOException {
    String name = Made.nameOf(number);
    String key = "extract " + name;
    Path fs = Layers.writable(client.prepare(Call.PATIENT, key, parent, Labels.NONE).getFirst());
    contents.fill(number, fs);
    client.commit(Call.PATIENT, name, key, Optional.empty(), Labels.NONE);
    return new Made(number, fs);
  }

  /** Damages a layer; the answer is what is to be found of that. */
  private List<String> plant(Damage damage, Made victim) {
    workspace
        .run("bash", "-euc", "cd \"$0\"\n" + damage.script(), victim.fs().toString())
        .succeeded();
    return Stream.of(damage.findings()).map(finding -> victim.name() + " " + finding).toList();
  }

  /** A directory such as a snapshot has, without a snapshot; the answer is what is to be found. */
  private static String plantOrphan(SnapshotterClient client) throws IOException {
    Path fs = Layers.writable(client.prepare(Call.PATIENT, "gone", "", Labels.NONE).getFirst());
    client.remove(Call.PATIENT, "gone");
    Path directory = Files.createDirectories(fs).resolveSibling("");
    return "snapshots/%s orphan ".formatted(directory.getFileName());
  }

  /** What a verification says, in sentences that can be compared. */
  private record Outcome(TreeSet<String> findings, int snapshots, long entries, Duration took) {}

  private static Outcome verify(Installation fuselage, String... options) throws IOException {
    List<String> line = new ArrayList<>(List.of("verify", "--json"));
    line.addAll(List.of(options));
    long begun = System.nanoTime();
    Result result = fuselage.run(line.toArray(String[]::new));
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    JsonNode document = new ObjectMapper().readTree(result.out());
    TreeSet<String> findings = new TreeSet<>();
    document
        .path("findings")
        .forEach(
            finding ->
                findings.add(
                    "%s %s %s"
                        .formatted(
                            finding.path("key").asText(),
                            finding.path("kind").asText(),
                            finding.path("path").asText())));
    assertThat(result.exitCode()).as(result.err()).isEqualTo(findings.isEmpty() ? 0 : DAMAGE_FOUND);
    return new Outcome(
        findings, document.path("snapshots").asInt(), document.path("entries").asLong(), took);
  }

  private static TreeSet<String> quarantine(Installation fuselage) {
    TreeSet<String> keys = new TreeSet<>();
    Answer.of(fuselage, "quarantine", "ls")
        .rows()
        .forEach(row -> keys.add(row.path("key").asText()));
    return keys;
  }

  /** No inode tells of it: the bytes change below the file system. */
  @Test
  void whatADiskLostByItselfIsFoundByItsLayer() throws Exception {
    Parts.needRoot();
    Path image = workspace.resolve("image");
    Path disk = Files.createDirectory(workspace.resolve("disk"));
    workspace.run("truncate", "-s", "64M", image.toString()).succeeded();
    String mkfs = Parts.needed("mkfs.ext4", "e2fsprogs").toString();
    workspace.run(mkfs, "-q", "-b", "4096", image.toString()).succeeded();
    workspace.run("mount", "-o", "loop", image.toString(), disk.toString()).succeeded();
    Installation fuselage =
        reading(Installation.in(workspace.path(), workspace, Parts.launcher()))
            .with(Installation.ROOT, disk.resolve("root").toString());
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      MixedLayers contents =
          new MixedLayers(workspace, workspace.resolve("templates"), "fuse-overlayfs", 1);
      for (int i = 0; i < 3; i++) {
        Made unused = commit(client, contents, i, "");
      }
      assertThat(verify(fuselage, "--contents").findings()).isEmpty();
      assertThat(service.stop()).as(service.log()).isZero();
    }

    workspace.run("umount", disk.toString()).succeeded();
    // A mount namespace that was made meanwhile keeps the disk mounted, and what was read of it.
    await()
        .untilAsserted(
            () -> assertThat(workspace.run("losetup", "-j", image.toString()).out()).isEmpty());
    flipAByte(image, MixedLayers.configuration(1));
    workspace.run("mount", "-o", "loop", image.toString(), disk.toString()).succeeded();

    try (Service service = fuselage.start()) {
      assertThat(verify(fuselage).findings()).isEmpty();
      assertThat(verify(fuselage, "--contents").findings()).containsExactly("layer-1 contents ");
      assertThat(service.stop()).as(service.log()).isZero();
    }
    workspace.run("umount", disk.toString()).succeeded();
  }

  private static void flipAByte(Path image, String text) throws IOException {
    byte[] sought = text.getBytes(StandardCharsets.US_ASCII);
    int position = indexOf(Files.readAllBytes(image), sought);
    assertThat(position).as("where the file lies on the disk").isNotNegative();
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      int written = file.write(ByteBuffer.wrap(new byte[] {'T'}), position);
      assertThat(written).isOne();
    }
  }

  private static int indexOf(byte[] bytes, byte[] sought) {
    for (int i = 0; i <= bytes.length - sought.length; i++) {
      if (Arrays.equals(bytes, i, i + sought.length, sought, 0, sought.length)) {
        return i;
      }
    }
    return -1;
  }
}
