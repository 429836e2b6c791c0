package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The power fails under load, and the file system is mounted again by its journal: every layer that
 * was committed is whole, and whatever was acknowledged is there.
 */
class PowerCutIT {
  private static final int SHORT_FORM = 3;
  private static final int MOST_CALLS = 300;

  /** Without sync the first cut loses layers, mostly. */
  private static final int MOST_CUTS_UNTIL_LOSS = 5;

  private static final Duration SOON = Duration.ofSeconds(5);

  @RegisterExtension private final Workspace workspace = new Workspace();

  private Installation fuselage() {
    return Installation.in(workspace.path(), workspace, Parts.launcher())
        .with(Installation.ROOT, mountPoint().resolve("root").toString());
  }

  private Path mountPoint() {
    return workspace.resolve("disk");
  }

  @Test
  void onExt4NothingAcknowledgedIsLost() throws Exception {
    assertNothingIsLost("ext4");
  }

  @Test
  void onXfsNothingAcknowledgedIsLost() throws Exception {
    assertNothingIsLost("xfs");
  }

  private void assertNothingIsLost(String type) throws Exception {
    Campaign campaign = Campaign.begin("power-" + type, SHORT_FORM);
    Run run = new Run(type, campaign.seed(), fuselage());
    for (int round = 0; round <= campaign.count(); round++) {
      assertThat(run.losses(round < campaign.count(), Place.PATIENCE))
          .as("SEED=%d, after cut %d (%s)", campaign.seed(), round, run.lastCut)
          .isEmpty();
      campaign.progress(round, run.crowd.figures() + ", last cut: " + run.lastCut);
    }
    campaign.summary(
        "0 layers damaged of %d looked at, 0 records lost, %s"
            .formatted(run.layers.lookedAt(), run.crowd.figures()));
  }

  /** Else it would prove nothing that with it none are lost. */
  @Test
  void withoutSyncLayersAreLost() throws Exception {
    Campaign campaign = Campaign.begin("power-without-sync", MOST_CUTS_UNTIL_LOSS);
    Run run = new Run("ext4", campaign.seed(), fuselage().with("FUSELAGE_SYNC", "metadata"));
    List<String> losses = new ArrayList<>();
    int round = 0;
    while (losses.isEmpty() && round <= campaign.count()) {
      losses.addAll(run.losses(round < campaign.count(), SOON));
      round++;
    }
    campaign.summary("%d losses after %d cuts".formatted(losses.size(), round - 1));
    assertThat(losses).isNotEmpty();
  }

  @Test
  void whatIsSyncedSurvivesACutAndWhatIsNotDoesNot() throws Exception {
    for (String type : List.of("ext4", "xfs")) {
      Path image = PowerDisk.make(workspace, type);
      byte[] bytes = new byte[100_000];
      new Random(1).nextBytes(bytes);
      try (PowerDisk disk = PowerDisk.on(workspace, image, type, mountPoint())) {
        Files.write(mountPoint().resolve("unsynced"), bytes);
        Path synced = mountPoint().resolve("synced");
        try (FileChannel channel =
            FileChannel.open(synced, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.wrap(bytes));
          channel.force(true);
        }
        Files.write(mountPoint().resolve("later"), bytes);
        assertThat(disk.cut(1)).doesNotContain("flushes=0");
      }
      try (PowerDisk disk = PowerDisk.on(workspace, image, type, mountPoint())) {
        assertThat(mountPoint().resolve("synced")).hasBinaryContent(bytes);
        assertThat(mountPoint().resolve("later")).doesNotExist();
        Path unsynced = mountPoint().resolve("unsynced");
        assertThat(Files.exists(unsynced) ? Files.size(unsynced) : 0).isLessThan(bytes.length);
        assertThat(disk.cut(2)).contains("dropped");
      }
    }
  }

  /** A root that goes from cut to cut. */
  private final class Run {
    private final String type;
    private final Path image;
    private final Installation fuselage;
    private final Layers layers = new Layers();
    private final Crowd crowd;
    private final Random random;
    private String lastCut = "none yet";

    Run(String type, long seed, Installation fuselage) throws IOException {
      this.type = type;
      this.image = PowerDisk.make(workspace, type);
      this.fuselage = fuselage;
      this.crowd = new Crowd(seed, layers);
      this.random = new Random(seed);
    }

    /** What was lost when the power is on again, in words; then the next cut, if there is to be. */
    List<String> losses(boolean cutAgain, Duration patience) throws Exception {
      try (PowerDisk disk = PowerDisk.on(workspace, image, type, mountPoint());
          Service service = fuselage.start()) {
        List<String> losses;
        try (SnapshotterClient client = service.client()) {
          losses = new ArrayList<>(crowd.complaints(client));
          losses.addAll(layers.damages(Crowd.found(client)));
          if (losses.isEmpty()) {
            crowd.differences(fuselage.root(), client, patience).ifPresent(losses::add);
          }
        }
        if (cutAgain && losses.isEmpty()) {
          long seed = random.nextLong();
          crowd.workUntil(
              service,
              random.nextInt(MOST_CALLS),
              () -> {
                lastCut = disk.cut(seed);
                service.kill();
              });
        }
        return losses;
      }
    }
  }
}
