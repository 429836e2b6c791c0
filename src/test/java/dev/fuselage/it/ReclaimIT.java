package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A large snapshot goes like an empty one, and others are made while its files are deleted. */
class ReclaimIT {
  private static final int SHORT_FORM = 20_000;
  private static final int FILES_A_DIRECTORY = 500;
  private static final int SAMPLES = 300;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void aLargeSnapshotIsRemovedLikeAnEmptyOne() throws Exception {
    Campaign campaign = Campaign.begin("reclaim", SHORT_FORM);
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    Path trash = fuselage.root().resolve("trash");
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      Path fs = Path.of(client.prepare(Call.PATIENT, "large", "", Labels.NONE).getFirst().source());
      fill(fs, campaign.count());
      long[] idle = new long[SAMPLES];
      long[] removals = new long[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        long begun = System.nanoTime();
        client.prepare(Call.PATIENT, "idle " + i, "", Labels.NONE);
        idle[i] = System.nanoTime() - begun;
      }
      for (int i = 0; i < SAMPLES; i++) {
        long begun = System.nanoTime();
        client.remove(Call.PATIENT, "idle " + i);
        removals[i] = System.nanoTime() - begun;
      }
      Awaitility.await("an empty trash")
          .atMost(Place.PATIENCE)
          .until(() -> Crowd.directories(trash).isEmpty());

      long begun = System.nanoTime();
      client.remove(Call.PATIENT, "large");
      long removal = System.nanoTime() - begun;
      assertThat(Crowd.directories(trash)).as("what is deleted behind the answer").hasSize(1);
      long[] busy = new long[SAMPLES];
      int made = 0;
      while (made < SAMPLES && !Crowd.directories(trash).isEmpty()) {
        begun = System.nanoTime();
        client.prepare(Call.PATIENT, "busy " + made, "", Labels.NONE);
        busy[made++] = System.nanoTime() - begun;
      }
      assertThat(made).as("creations during the deletion").isPositive();

      campaign.summary(
          "Remove of %d files took %s, of an empty snapshot %s; Prepare took %s idle, %s during the deletion"
              .formatted(
                  campaign.count(),
                  milliseconds(removal),
                  figures(removals),
                  figures(idle),
                  figures(Arrays.copyOf(busy, made))));
      Awaitility.await("an empty trash")
          .atMost(Place.PATIENCE)
          .until(() -> Crowd.directories(trash).isEmpty());
    }
  }

  private static void fill(Path fs, int files) throws IOException {
    Path directory = fs;
    for (int i = 0; i < files; i++) {
      if (i % FILES_A_DIRECTORY == 0) {
        directory = Files.createDirectory(fs.resolve("directory " + i));
      }
      Files.createFile(directory.resolve("file " + i));
    }
  }

  private static String figures(long[] nanoseconds) {
    long[] sorted = nanoseconds.clone();
    Arrays.sort(sorted);
    return "%s at the median and %s at p99"
        .formatted(
            milliseconds(sorted[sorted.length / 2]),
            milliseconds(sorted[sorted.length * 99 / 100]));
  }

  private static String milliseconds(long nanoseconds) {
    return "%.2f ms".formatted(nanoseconds / 1e6);
  }
}
