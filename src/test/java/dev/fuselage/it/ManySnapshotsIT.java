package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a node of many snapshots tells a Prometheus: bounded in series, and complete in its sums.
 */
class ManySnapshotsIT {
  private static final int CALLERS = 16;
  private static final int LAYERS = 5_000;
  private static final int SERIES = 5_000;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void tenThousandSnapshotsHaveFewSeriesAndWholeSums() throws Exception {
    Installation fuselage =
        Installation.in(workspace.path(), workspace, Parts.launcher())
            .with("FUSELAGE_SYNC", "metadata");
    try (Service service = fuselage.start()) {
      fill(service);

      Scrape scrape =
          Awaitility.await("a measurement of all of them")
              .atMost(Duration.ofMinutes(2))
              .until(() -> measured(fuselage, service), ManySnapshotsIT::isComplete);

      System.out.printf("%,d snapshots: %,d series%n", 2 * LAYERS, scrape.series().size());
      assertThat(scrape.series()).hasSizeLessThan(SERIES);
      assertThat(scrape.sum("fuselage_owner_bytes"))
          .as("all owners")
          .isCloseTo(scrape.sum("fuselage_root_bytes"), within(0.5));
      assertThat(scrape.sum("fuselage_snapshot_bytes"))
          .as("the largest snapshots and the rest")
          .isCloseTo(scrape.sum("fuselage_snapshots_bytes"), within(0.5));
      assertThat(scrape.sum("fuselage_image_bytes"))
          .as("the largest images and the rest")
          .isCloseTo(scrape.sum("fuselage_owner_bytes", "kind=\"image\""), within(0.5));
      assertThat(scrape.sum("fuselage_container_bytes"))
          .as("the largest containers and the rest")
          .isCloseTo(scrape.sum("fuselage_owner_bytes", "kind=\"container\""), within(0.5));
      assertThat(service.stop()).as(service.log()).isZero();
    }
  }

  /** Who asks by a command need not wait until it is time, which on a busy machine is rare. */
  private static Scrape measured(Installation fuselage, Service service) throws Exception {
    fuselage.run("usage", "--by", "owner").succeeded();
    return Scrape.of(service);
  }

  private static boolean isComplete(Scrape scrape) {
    return scrape.sum("fuselage_owner_entries", "kind=\"image\"") == LAYERS
        && scrape.sum("fuselage_owner_entries", "kind=\"container\"") == LAYERS;
  }

  /** Each layer is an image's of its own, and has a container of its own. */
  private static void fill(Service service) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> work = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        int first = caller;
        work.add(
            threads.submit(
                () -> {
                  try (SnapshotterClient client = service.client()) {
                    for (int i = first; i < LAYERS; i += CALLERS) {
                      addImageWithContainer(client, i);
                    }
                  }
                }));
      }
      for (Future<?> one : work) {
        one.get();
      }
    }
  }

  private static void addImageWithContainer(SnapshotterClient client, int number) {
    String prefix = "k8s.io/" + number + "/";
    String layer = prefix + "sha256:" + number;
    client.prepare(Call.PATIENT, prefix + "extract-1", "", Labels.NONE);
    Labels image =
        Labels.of(Map.of("containerd.io/snapshot/cri.image-ref", "example.org/team/app:" + number));
    client.commit(Call.PATIENT, layer, prefix + "extract-1", Optional.empty(), image);
    client.prepare(Call.PATIENT, prefix + "container-" + number, layer, Labels.NONE);
  }
}
