package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.SnapshotException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server knows of calls that do not end. */
class StuckCallsIT {
  @TempDir Path directory;
  private final CountDownLatch disk = new CountDownLatch(1);
  private TestServer server;
  private SnapshotterClient client;

  @BeforeEach
  void begin() {
    server =
        TestServer.of(
            directory,
            new ForwardingSnapshotter(new InMemorySnapshotter()) {
              @Override
              public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
                hang();
                return List.of();
              }

              @Override
              public Info stat(String key) {
                hang();
                throw SnapshotException.notFound(key);
              }

              @Override
              public void cleanup(Call call) {
                hang();
              }
            });
    client = server.client();
  }

  private void hang() {
    try {
      disk.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void end() {
    disk.countDown();
    client.close();
    server.close();
  }

  private static void aside(Runnable call) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                call.run();
              } catch (SnapshotException e) {
                // The server was closed, or has no such snapshot.
              }
            });
  }

  private List<CallUnderWay> busy() {
    return server.busyFor(Duration.ZERO);
  }

  @Test
  void aCallThatHangsIsToldWithWhatItWaitsIn() {
    aside(() -> client.prepare(Call.PATIENT, "web", "", Labels.NONE));
    await().until(() -> !busy().isEmpty() && busy().getFirst().where().contains("StuckCallsIT"));

    assertThat(busy())
        .singleElement()
        .satisfies(
            call -> {
              assertThat(call.method()).isEqualTo("Prepare");
              assertThat(call.key()).isEqualTo("web");
              assertThat(call.where()).contains("StuckCallsIT.hang");
            });
    assertThat(server.busyFor(Duration.ofHours(1))).isEmpty();

    disk.countDown();
    await().until(() -> busy().isEmpty());
  }

  @Test
  void atItsEndItTellsHowLongItWasAtWorkAndWhatItWasSeenAt() {
    aside(() -> client.prepare(Call.PATIENT, "web", "", Labels.NONE));
    await().until(() -> !busy().isEmpty() && busy().getFirst().where().contains("StuckCallsIT"));
    disk.countDown();
    await().until(() -> !server.finished().isEmpty());

    FinishedCall call = server.finished().getFirst();

    assertThat(call.method()).isEqualTo("Prepare");
    assertThat(call.code()).isEqualTo("OK");
    assertThat(call.key()).isEqualTo("web");
    assertThat(call.where()).contains("StuckCallsIT.hang");
    assertThat(call.worked()).isPositive();
    assertThat(call.queued().isNegative()).isFalse();
    assertThat(call.elapsed()).isGreaterThanOrEqualTo(call.worked().plus(call.queued()));
  }

  @Test
  void soIsOneOnTheEventLoop() {
    aside(() -> client.stat("web"));

    await().until(() -> !busy().isEmpty());
    assertThat(busy().getFirst().method()).isEqualTo("Stat");
  }

  @Test
  void cleanupMayTakeItsTime() {
    aside(() -> client.cleanup(Call.PATIENT));
    await().until(() -> server.calls().contains("Cleanup"));
    aside(() -> client.prepare(Call.PATIENT, "web", "", Labels.NONE));
    await().until(() -> !busy().isEmpty());

    assertThat(busy()).extracting(CallUnderWay::method).containsExactly("Prepare");
  }
}
