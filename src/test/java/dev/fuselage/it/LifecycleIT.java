package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Place.Result;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Snapshotter;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The service from its start to the signal that ends it. */
class LifecycleIT {
  private static final String CONTAINER = "default/9/container";

  @RegisterExtension private final Workspace workspace = new Workspace();

  private Installation fuselage() {
    return Installation.in(workspace.path(), workspace, Parts.launcher());
  }

  @Test
  void whatWasThereBeforeASignalIsThereAfterTheNextStart() {
    Installation fuselage = fuselage();
    List<Info> before;
    List<Mount> mounts;
    try (Service service = fuselage.start()) {
      try (SnapshotterClient client = service.client()) {
        layers(client);
        mounts = client.prepare(Call.PATIENT, CONTAINER, "layer 2", Labels.of(Map.of("a", "b")));
        client.view(Call.PATIENT, "view", "layer 1", Labels.NONE);
        before = all(client);
      }

      assertThat(service.stop()).as(service.log()).isZero();
      assertThat(fuselage.socket()).doesNotExist();
    }
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(all(client)).isEqualTo(before);
      assertThat(client.mounts(CONTAINER)).isEqualTo(mounts);
    }
  }

  @Test
  void aCallInFlightEndsBeforeTheServiceDoesHoweverOftenItIsTold() {
    Installation fuselage = fuselage().with("FUSELAGE_DRAIN", "5m");
    int snapshots = 300;
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      // More than what waits in the buffers between us, so that the service is in the middle.
      Map<String, String> labels = new HashMap<>();
      for (int i = 0; i < 15; i++) {
        labels.put("label " + i, "x".repeat(4000));
      }
      for (int i = 0; i < snapshots; i++) {
        client.prepare(Call.PATIENT, "snapshot " + i, "", Labels.of(labels));
      }
      int read = 0;
      try (Listing<Info> listing = client.list(List.of())) {
        service.terminate();
        Awaitility.await().atMost(Place.PATIENCE).until(() -> !Files.exists(fuselage.socket()));
        service.terminate();
        while (listing.hasNext()) {
          listing.next();
          read++;
        }
      }

      assertThat(read).isEqualTo(snapshots);
      assertThat(service.awaitExit()).as(service.log()).isZero();
      assertThat(service.log()).contains("Stopped").doesNotContain("by force", "Exception");
    }
  }

  @Test
  void aSocketThatIsAnothersByNowStaysWhenTheServiceEnds() throws Exception {
    Installation fuselage = fuselage();
    try (Service service = fuselage.start()) {
      Files.move(fuselage.socket(), workspace.resolve("moved away"));
      try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        other.bind(UnixDomainSocketAddress.of(fuselage.socket()));

        assertThat(service.stop()).as(service.log()).isZero();
        assertThat(fuselage.socket()).exists();
      }
    }
  }

  @Test
  void theMountsOfContainersOutliveTheService() throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage = fuselage().at(namespace);
      Path target = Files.createDirectory(workspace.resolve("target"));
      try (Service service = fuselage.start();
          SnapshotterClient client = service.client()) {
        layers(client);
        Mount mount = client.prepare(Call.PATIENT, CONTAINER, "layer 2", Labels.NONE).getFirst();
        assertThat(mount.type()).isEqualTo("fuse3.fuse-overlayfs");
        namespace
            .run(
                "mount.fuse3",
                mount.source(),
                target.toString(),
                "-o",
                String.join(",", mount.options()),
                "-t",
                "fuse-overlayfs")
            .succeeded();

        assertThat(service.stop()).as(service.log()).isZero();
      }
      assertThat(write(namespace, target.resolve("one")).out()).isEqualTo("written\n");
      try (Service service = fuselage.start()) {
        assertThat(write(namespace, target.resolve("two")).out()).isEqualTo("written\n");
        service.kill();
      }
      assertThat(write(namespace, target.resolve("three")).out()).isEqualTo("written\n");
      try (Service service = fuselage.start();
          SnapshotterClient client = service.client()) {
        assertThat(client.usage(Call.PATIENT, CONTAINER).inodes()).isEqualTo(4);
        namespace.run("umount", target.toString()).succeeded();
        client.remove(Call.PATIENT, CONTAINER);
      }
    }
  }

  @Test
  void healthAndMetricsAnswerWhereTheLogSays() throws Exception {
    try (Service service = fuselage().start();
        SnapshotterClient client = service.client()) {
      layers(client);
      String ready = get(service, "/health/ready");

      assertThat(ready).contains("\"status\" : \"UP\"");
      assertThat(get(service, "/health/live")).contains("\"status\" : \"UP\"");
      assertThat(get(service, "/metrics"))
          .containsPattern("(?m)^fuselage_\\S*count\\{.*Prepare.*\\} 2")
          .contains("jvm_");
    }
  }

  private static String get(Service service, String path) throws Exception {
    URI address = service.managementAddress().resolve(path);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }
  }

  private static void layers(Snapshotter snapshotter) {
    snapshotter.prepare(Call.PATIENT, "extract 1", "", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "layer 1", "extract 1", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "extract 2", "layer 1", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "layer 2", "extract 2", Optional.empty(), Labels.NONE);
  }

  private static List<Info> all(Snapshotter snapshotter) {
    List<Info> all = new ArrayList<>();
    try (Listing<Info> listing = snapshotter.list(List.of())) {
      listing.forEachRemaining(all::add);
    }
    return all;
  }

  private static Result write(Place place, Path file) {
    return place.run("sh", "-ec", "echo written >'%1$s' && cat '%1$s'".formatted(file)).succeeded();
  }
}
