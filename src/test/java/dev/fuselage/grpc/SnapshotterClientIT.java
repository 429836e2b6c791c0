package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotterClientIT {
  @TempDir Path directory;

  private static void assertFails(SnapshotterClient client, Code code, String sentence) {
    assertThatThrownBy(() -> client.stat("key"))
        .asInstanceOf(type(SnapshotException.class))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code))
        .satisfies(failure -> assertThat(failure).hasMessageContaining(sentence));
    assertThatThrownBy(() -> client.list(List.of()))
        .asInstanceOf(type(SnapshotException.class))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  @Test
  void aMissingSocketIsNamed() {
    Path missing = directory.resolve("missing.sock");
    try (SnapshotterClient client = SnapshotterClient.connect(missing, Duration.ofSeconds(10))) {
      assertFails(client, Code.UNAVAILABLE, "nobody answers on " + missing);
    }
  }

  @Test
  void aSocketWithoutItsServiceIsNamed() throws Exception {
    Path stale = directory.resolve("stale.sock");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(stale))
        .close();
    try (SnapshotterClient client = SnapshotterClient.connect(stale, Duration.ofSeconds(10))) {
      assertFails(client, Code.UNAVAILABLE, "nobody answers on " + stale);
    }
  }

  @Test
  void aClientFindsTheServiceThatCameAfterIt() {
    try (SnapshotterClient client =
            SnapshotterClient.connect(directory.resolve("test.sock"), Duration.ofSeconds(10));
        TestServer server = TestServer.of(directory, new InMemorySnapshotter())) {
      client.prepare(Call.PATIENT, "key", "", Labels.NONE);

      assertThat(client.stat("key").name()).isEqualTo("key");
      assertThat(server.calls()).contains("Prepare OK");
    }
  }

  @Test
  void aCallThatTakesTooLongIsOverdue() {
    CountDownLatch stop = new CountDownLatch(1);
    ForwardingSnapshotter slow =
        new ForwardingSnapshotter(new InMemorySnapshotter()) {
          @Override
          public void cleanup(Call call) {
            try {
              stop.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (TestServer server = TestServer.of(directory, slow);
        SnapshotterClient client =
            SnapshotterClient.connect(server.socket(), Duration.ofMillis(200))) {
      assertThatThrownBy(() -> client.cleanup(Call.PATIENT))
          .asInstanceOf(type(SnapshotException.class))
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(Code.DEADLINE_EXCEEDED));
      stop.countDown();
    }
  }

  @Test
  void anUpdateLeavesAloneWhatOthersChangeMeanwhile() {
    InMemorySnapshotter snapshotter = new InMemorySnapshotter();
    snapshotter.prepare(Call.PATIENT, "key", "", Labels.of(Map.of("gone", "1", "kept", "1")));
    try (TestServer server = TestServer.of(directory, snapshotter);
        SnapshotterClient client = server.client()) {
      Call meanwhile =
          () ->
              snapshotter.update(
                  Call.PATIENT,
                  "key",
                  LabelChange.of(List.of("labels.other"), Map.of("other", "2")));

      Info info =
          client.update(
              meanwhile,
              "key",
              LabelChange.of(List.of("labels.gone", "labels.new"), Map.of("new", "1")));

      assertThat(info.labels()).isEqualTo(Labels.of(Map.of("kept", "1", "other", "2", "new", "1")));
    }
  }

  @Test
  void aClosedClientAnswersNothing() {
    try (TestServer server = TestServer.of(directory, new InMemorySnapshotter())) {
      SnapshotterClient client = server.client();
      client.close();
      client.close();

      assertFails(client, Code.UNAVAILABLE, "");
    }
  }
}
