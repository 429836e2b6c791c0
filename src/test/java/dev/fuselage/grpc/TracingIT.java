package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.fuselage.admin.Administration;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.overlay.OwnedRoot;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.tracing.Tracing;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collector gets to see of calls on a real socket. */
class TracingIT {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  @TempDir private Path directory;

  /** Bodies as they came: OTLP's protobuf holds texts as they are, and ids as bytes. */
  private final List<byte[]> received = new CopyOnWriteArrayList<>();

  private HttpServer collector;

  @BeforeEach
  void collect() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          try (exchange) {
            received.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
          }
        });
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.stop(0);
  }

  private Tracing tracing(double ratio) {
    URI endpoint =
        URI.create("http://127.0.0.1:%d/v1/traces".formatted(collector.getAddress().getPort()));
    return Tracing.begin(
        new Tracing.Settings(endpoint, ratio, Map.of("service.name", "fuselage-of-this-test")));
  }

  private SocketServer serve(Snapshotter snapshotter, Tracing tracing) {
    return SocketServer.bind(
        TestServer.options(directory),
        snapshotter,
        Administration.NONE,
        new CallListener() {
          @Override
          public void started(String method) {}

          @Override
          public void finished(FinishedCall call) {}
        },
        Optional.of(tracing));
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    received.forEach(body -> text.append(new String(body, StandardCharsets.ISO_8859_1)));
    return text.toString();
  }

  @Test
  void aCallAndItsPartsAreSent() throws Exception {
    try (Tracing tracing = tracing(1);
        OwnedRoot root = OwnedRoot.open(directory.resolve("root"), tracing.stages());
        SocketServer _ = serve(root.snapshotter(), tracing);
        SnapshotterClient client =
            SnapshotterClient.connect(
                TestServer.options(directory).socket(), Duration.ofSeconds(30))) {
      client.prepare(Call.PATIENT, "the key of this test", "", Labels.NONE);
      client.commit(Call.PATIENT, "a layer", "the key of this test", Optional.empty(), Labels.NONE);
    }

    await().until(() -> !received.isEmpty());
    assertThat(text())
        .contains("fuselage-of-this-test")
        .contains("containerd.services.snapshots.v1.Snapshots/Prepare")
        .contains("containerd.services.snapshots.v1.Snapshots/Commit")
        .contains("the key of this test")
        .contains("store", "directories", "sync", "walk");
  }

  @Test
  void aCallersTraceIsGoneOnWith() throws Exception {
    try (Tracing tracing = tracing(0);
        SocketServer _ = serve(new InMemorySnapshotter(), tracing);
        RawClient client = new RawClient(TestServer.options(directory).socket())) {
      StatSnapshotRequest request = StatSnapshotRequest.newBuilder().setKey("missing").build();
      assertThatThrownBy(() -> client.stub().stat(request)).hasMessageContaining("NOT_FOUND");
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
          "00-%s-b7ad6b7169203331-01".formatted(TRACE));
      assertThatThrownBy(
              () ->
                  client
                      .stub()
                      .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                      .stat(request))
          .hasMessageContaining("NOT_FOUND");
    }

    await().until(() -> !received.isEmpty());
    String trace = new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1);
    assertThat(text()).containsOnlyOnce("Snapshots/Stat").contains(trace);
  }

  @Test
  void noCallWaitsForACollectorThatIsNotThere() throws Exception {
    collector.stop(0);
    try (Tracing tracing = tracing(1);
        SocketServer _ = serve(new InMemorySnapshotter(), tracing);
        SnapshotterClient client =
            SnapshotterClient.connect(
                TestServer.options(directory).socket(), Duration.ofSeconds(30))) {
      client.prepare(Call.PATIENT, "key", "", Labels.NONE);

      assertThat(client.stat("key").name()).isEqualTo("key");
    }
  }

  @Test
  void settingsThatCannotBeAreRefusedByName() {
    URI endpoint = URI.create("http://127.0.0.1/");
    assertThatThrownBy(() -> new Tracing.Settings(endpoint, 1.5, Map.of()))
        .hasMessageContaining("fuselage.traces.ratio");
    assertThatThrownBy(() -> new Tracing.Settings(URI.create("collector:4317"), 1, Map.of()))
        .hasMessageContaining("fuselage.traces.endpoint");
  }
}
