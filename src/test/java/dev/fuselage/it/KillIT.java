package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Caller.Entry;
import dev.fuselage.snapshot.Call;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Killed in the middle of many callers' calls: whatever was acknowledged is there. */
class KillIT {
  private static final int SHORT_FORM = 5;
  private static final int MOST_CALLS = 500;

  /** Where files and records can't agree any more. */
  private static final Duration SOON = Duration.ofSeconds(2);

  @RegisterExtension private final Workspace workspace = new Workspace();

  private Installation fuselage() {
    return Installation.in(workspace.path(), workspace, Parts.launcher());
  }

  @Test
  void everyAcknowledgedCallSurvivesAKill() throws Exception {
    Campaign campaign = Campaign.begin("kill", SHORT_FORM);
    Random random = new Random(campaign.seed());
    Crowd crowd = new Crowd(campaign.seed(), Caller.Unpacker.NONE);
    Installation fuselage = fuselage();
    for (int round = 0; round <= campaign.count(); round++) {
      try (Service service = fuselage.start()) {
        try (SnapshotterClient client = service.client()) {
          String when = "SEED=%d, after kill %d".formatted(campaign.seed(), round);
          assertThat(crowd.complaints(client)).as(when).isEmpty();
          assertThat(crowd.differences(fuselage.root(), client, Place.PATIENCE)).as(when).isEmpty();
        }
        if (round < campaign.count()) {
          crowd.workUntil(service, random.nextInt(MOST_CALLS), service::kill);
        }
      }
      campaign.progress(round, crowd.figures());
    }
    campaign.summary("0 lost, 0 orphans, 0 failed starts, " + crowd.figures());
    assertSuitePassesOn(fuselage.root());
  }

  @Test
  void aLossIsNoticed() throws Exception {
    Crowd crowd = new Crowd(1, Caller.Unpacker.NONE);
    Installation fuselage = fuselage();
    killUnderLoad(fuselage, crowd);
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(crowd.complaints(client)).isEmpty();
      Map<String, Entry> found = Crowd.found(client);
      List<String> childless = new ArrayList<>(found.keySet());
      found.values().forEach(entry -> childless.remove(entry.parent()));
      String key = childless.getFirst();

      client.update(Call.PATIENT, key, labels -> labels.with("updated", "by nobody"));
      assertThat(crowd.complaints(client)).singleElement().asString().contains(key);

      client.remove(Call.PATIENT, key);
      assertThat(crowd.complaints(client)).singleElement().asString().contains(key);
    }
  }

  @Test
  void aLostDirectoryIsNoticed() throws Exception {
    Crowd crowd = new Crowd(1, Caller.Unpacker.NONE);
    Installation fuselage = fuselage();
    killUnderLoad(fuselage, crowd);
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(crowd.differences(fuselage.root(), client, Place.PATIENCE)).isEmpty();

      Path lost = Crowd.directories(fuselage.root().resolve("snapshots")).getFirst();
      workspace.run("rm", "-r", lost.toString()).succeeded();
      assertThat(crowd.differences(fuselage.root(), client, SOON)).isPresent();

      Files.createDirectory(lost);
      Files.createDirectory(fuselage.root().resolve("snapshots", "999999999"));
      assertThat(crowd.differences(fuselage.root(), client, SOON)).isPresent();
    }
  }

  private static void killUnderLoad(Installation fuselage, Crowd crowd) throws Exception {
    try (Service service = fuselage.start()) {
      crowd.workUntil(service, MOST_CALLS, service::kill);
    }
  }

  /** Each test of the suite on a copy, beside all that the killed services left. */
  private void assertSuitePassesOn(Path root) {
    Parts.needRoot();
    Parts.needFuse();
    ProcessBuilder builder =
        workspace.command(Parts.goTest("conformance").toString(), "-test.v", "-test.parallel=2");
    builder.environment().put("FUSELAGE_COMMAND", Parts.launcher().toString());
    builder.environment().put("DRIVER", "fuse-overlayfs");
    builder.environment().put("SUITE_ROOT", root.toString());
    builder.environment().put("CI", "true");
    GoTestReport report =
        GoTestReport.of(Place.run(builder).succeeded().out(), ConformanceIT.SUITE);
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).hasSize(ConformanceIT.TESTS);
    System.out.printf("containerd's suite on the killed root: %d passed%n", ConformanceIT.TESTS);
  }
}
