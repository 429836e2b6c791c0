package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** At load for long, with all that works in the background: no error, and nothing that grows. */
class SoakIT {
  private static final int SHORT_FORM_SECONDS = 15;

  /** From here on growth is no warming up. */
  private static final int LONG_SECONDS = 600;

  private static final int SAMPLES = 20;
  private static final double MOST_GROWTH = 1.05;
  private static final int MOST_MORE_DESCRIPTORS = 20;

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("cleanup", "--now"),
          List.of("verify"),
          List.of("backup", "create"),
          List.of("trash", "ls"),
          List.of("quarantine", "ls"),
          List.of("ls"));

  @RegisterExtension private final Workspace workspace = new Workspace();

  private record Sample(long second, int calls, long residentKilobytes, long descriptors) {}

  @Test
  void nothingGrowsAndNothingFails() throws Exception {
    Campaign campaign = Campaign.begin("soak", SHORT_FORM_SECONDS);
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    Layers layers = new Layers();
    Crowd crowd = new Crowd(campaign.seed(), layers);
    List<Sample> samples = new ArrayList<>();
    AtomicBoolean failed = new AtomicBoolean();
    try (Service service = fuselage.start()) {
      Thread operator =
          Thread.ofVirtual()
              .start(() -> watch(campaign, fuselage, service, crowd, samples, failed));
      crowd.workUntil(
          service,
          () -> !operator.isAlive(),
          () -> assertThat(service.stop()).as(service.log()).isZero());
      assertThat(service.log().lines().filter(line -> line.contains(" ERROR "))).isEmpty();
    }
    samples.forEach(
        sample ->
            System.out.printf(
                "%6d s %9d calls %8.1f MiB resident %4d descriptors%n",
                sample.second(),
                sample.calls(),
                sample.residentKilobytes() / 1024.0,
                sample.descriptors()));
    assertThat(failed).isFalse();
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(crowd.complaints(client)).isEmpty();
      assertThat(layers.damages(Crowd.found(client))).isEmpty();
      assertThat(crowd.differences(fuselage.root(), client, Place.PATIENCE)).isEmpty();
    }
    campaign.summary("0 errors, " + growth(samples, campaign.count()) + ", " + crowd.figures());
  }

  private static void watch(
      Campaign campaign,
      Installation fuselage,
      Service service,
      Crowd crowd,
      List<Sample> samples,
      AtomicBoolean failed) {
    long begun = System.nanoTime();
    long second = 0;
    for (int i = 0; second < campaign.count(); i++) {
      try {
        Thread.sleep(campaign.count() * 1000L / SAMPLES);
        second = (System.nanoTime() - begun) / 1_000_000_000;
        samples.add(
            new Sample(second, crowd.answered(), residentKilobytes(service), descriptors(service)));
        fuselage.run(COMMANDS.get(i % COMMANDS.size()).toArray(String[]::new)).succeeded();
      } catch (IOException | AssertionError e) {
        System.out.println(e);
        failed.set(true);
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      campaign.progress((int) second, crowd.figures());
    }
  }

  static long residentKilobytes(Service service) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(service.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  private static long descriptors(Service service) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(service.pid()), "fd"))) {
      return entries.count();
    }
  }

  /** Of the last quarter against the second, since in the first the JVM warms up. */
  private static String growth(List<Sample> samples, int seconds) {
    List<Sample> before = samples.subList(samples.size() / 4, samples.size() / 2);
    List<Sample> after = samples.subList(samples.size() * 3 / 4, samples.size());
    double growth = resident(after) / resident(before);
    long more = mostDescriptors(after) - mostDescriptors(before);
    if (seconds >= LONG_SECONDS) {
      assertThat(growth).as("resident memory, last quarter to second").isLessThan(MOST_GROWTH);
    }
    assertThat(more).as("more descriptors").isLessThan(MOST_MORE_DESCRIPTORS);
    return "resident memory %+.1f %%, descriptors %+d".formatted((growth - 1) * 100, more);
  }

  private static double resident(List<Sample> samples) {
    return samples.stream().mapToLong(Sample::residentKilobytes).average().orElseThrow();
  }

  private static long mostDescriptors(List<Sample> samples) {
    return samples.stream().mapToLong(Sample::descriptors).max().orElseThrow();
  }
}
