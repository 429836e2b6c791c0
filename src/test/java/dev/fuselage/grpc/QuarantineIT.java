package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.proto.CommitSnapshotRequest;
import dev.fuselage.grpc.proto.Info;
import dev.fuselage.grpc.proto.MountsRequest;
import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.grpc.proto.RemoveSnapshotRequest;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.grpc.proto.UpdateSnapshotRequest;
import dev.fuselage.grpc.proto.UsageRequest;
import dev.fuselage.grpc.proto.ViewSnapshotRequest;
import dev.fuselage.overlay.OverlaySubject;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Subject;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may still be done upon a damaged layer: everything but to mount it. */
class QuarantineIT {
  @TempDir Path directory;
  private Subject real;
  private TestServer server;
  private RawClient client;

  @BeforeEach
  void begin() throws Exception {
    real = OverlaySubject.open(directory.resolve("root"));
    Snapshotter snapshotter = real.snapshotter();
    snapshotter.prepare(Call.PATIENT, "damaged-key", "", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "damaged", "damaged-key", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "above-key", "damaged", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "above", "above-key", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "active", "above", Labels.NONE);
    snapshotter.view(Call.PATIENT, "view", "above", Labels.NONE);
    OverlaySubject.quarantine(real, "damaged", "its fs is missing");
    server = TestServer.of(directory, snapshotter);
    client = server.rawClient();
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    server.close();
    real.close();
  }

  private static void assertRefused(CompletableFuture<Status> answer) {
    assertThat(answer.join().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(answer.join().getDescription()).contains("its fs is missing");
  }

  private static void assertDone(CompletableFuture<Status> answer) {
    assertThat(answer.join().isOk()).as("%s", answer.join()).isTrue();
  }

  @Test
  void nothingIsBegunUponIt() {
    for (String parent : new String[] {"damaged", "above"}) {
      assertRefused(
          client.send(
              "Prepare",
              PrepareSnapshotRequest.newBuilder().setKey("new").setParent(parent).build()));
      assertRefused(
          client.send(
              "View", ViewSnapshotRequest.newBuilder().setKey("new").setParent(parent).build()));
    }
  }

  @Test
  void nothingAboveItIsMounted() {
    for (String key : new String[] {"active", "view"}) {
      assertRefused(client.send("Mounts", MountsRequest.newBuilder().setKey(key).build()));
    }
  }

  @Test
  void allElseGoesOn() {
    assertDone(client.send("Stat", StatSnapshotRequest.newBuilder().setKey("damaged").build()));
    assertDone(client.send("Usage", UsageRequest.newBuilder().setKey("damaged").build()));
    assertDone(
        client.send(
            "Update",
            UpdateSnapshotRequest.newBuilder()
                .setInfo(Info.newBuilder().setName("damaged").putLabels("a", "b"))
                .build()));
    assertDone(
        client.send(
            "Commit", CommitSnapshotRequest.newBuilder().setName("n").setKey("active").build()));
    for (String key : new String[] {"n", "view", "above", "damaged"}) {
      assertDone(client.send("Remove", RemoveSnapshotRequest.newBuilder().setKey(key).build()));
    }
  }
}
