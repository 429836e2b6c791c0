package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.overlay.OverlaySubject;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Subject;
import dev.fuselage.torture.BrokenSnapshotter;
import dev.fuselage.torture.History;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever 64 callers at once are told, one after the other could have been told it. */
class LinearizabilityIT {
  private static final int SHORT_FORM = 300;
  private static final int SHORT_FORM_OVER_SOCKET = 40;
  private static final int CLIENTS = 8;
  private static final int TRIES = 200;

  @RegisterExtension private final Workspace workspace = new Workspace();

  private Path memory = Path.of("");

  @BeforeEach
  void takeMemory() throws Exception {
    memory = Files.createTempDirectory(Path.of("/dev/shm"), "fuselage-it");
  }

  @AfterEach
  void giveMemoryBack() {
    workspace.run("rm", "-r", memory.toString()).succeeded();
  }

  @Test
  void randomHistoriesAreLinearizable() throws Exception {
    try (Subject subject = OverlaySubject.open(memory.resolve("root"))) {
      runAll(Campaign.begin("linear", SHORT_FORM), List.of(subject.snapshotter()));
    }
  }

  @Test
  void randomHistoriesOverTheSocketAreLinearizable() throws Exception {
    Installation fuselage =
        Installation.in(workspace.path(), workspace, Parts.launcher())
            .with(Installation.ROOT, memory.resolve("root").toString())
            .with("FUSELAGE_SYNC", "metadata");
    List<SnapshotterClient> clients = new ArrayList<>();
    try (Service service = fuselage.start()) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(service.client());
      }
      runAll(Campaign.begin("linear-socket", SHORT_FORM_OVER_SOCKET), clients);
    } finally {
      clients.forEach(SnapshotterClient::close);
    }
  }

  private static void runAll(Campaign campaign, List<? extends Snapshotter> clients)
      throws Exception {
    try (History history = new History(clients)) {
      for (int i = 0; i < campaign.count(); i++) {
        assertThat(history.complaintOf(campaign.seed() + i)).isEmpty();
        campaign.progress(i + 1, history.figures());
      }
      campaign.summary("0 not linearizable, " + history.figures());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrokenSnapshotterIsFoundOut(BrokenSnapshotter.Flaw flaw) throws Exception {
    try (Subject subject = OverlaySubject.open(memory.resolve("root"));
        BrokenSnapshotter broken = new BrokenSnapshotter(subject.snapshotter(), flaw);
        History history = new History(List.of(broken))) {
      long seed = 0;
      while (history.complaintOf(seed).isEmpty() && seed < TRIES) {
        seed++;
      }
      System.out.printf("%s is found out in history %d%n", flaw, seed + 1);
      assertThat(seed).isLessThan(TRIES);
    }
  }
}
