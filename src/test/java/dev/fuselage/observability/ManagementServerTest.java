package dev.fuselage.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.observability.HealthCheck.Health;
import dev.fuselage.observability.HealthCheck.Probe;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
  private final ServiceState state = new ServiceState();
  private final PrometheusMeterRegistry registry = MeterRegistries.registry();
  private final HttpClient client = HttpClient.newHttpClient();
  private boolean stuck;
  private ManagementServer.Running server;

  private final class StuckCheck implements HealthCheck {
    @Override
    public String name() {
      return "heartbeat";
    }

    @Override
    public Probe probe() {
      return Probe.LIVE;
    }

    @Override
    public Health health() {
      return new Health(!stuck, stuck ? "no \"beat\" for a minute" : "beats");
    }
  }

  @BeforeEach
  void start() throws UnusableAddressException {
    server =
        new ManagementServer(
                registry, List.of(new ServingCheck(state), new StuckCheck()), List.of())
            .start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    registry.close();
  }

  private HttpResponse<String> ask(String path, String method, String accept) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri().resolve(path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Accept", accept)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return ask(path, "GET", "*/*");
  }

  @Test
  void isReadyOnceTheServiceServes() throws Exception {
    HttpResponse<String> before = get("/health/ready");
    state.serving("on a socket");
    HttpResponse<String> after = get("/health/ready");

    assertThat(before.statusCode()).isEqualTo(503);
    assertThat(before.body()).contains("\"DOWN\"", "starting");
    assertThat(after.statusCode()).isEqualTo(200);
    assertThat(after.body()).contains("\"UP\"", "on a socket").doesNotContain("DOWN");
  }

  @Test
  void livesOnWhileItIsNotReady() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    stuck = true;
    HttpResponse<String> answer = get("/health/live");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("no \\\"beat\\\" for a minute").doesNotContain("starting");
    assertThat(get("/health").body()).contains("starting", "heartbeat");
  }

  @Test
  void metricsComeInTheFormatThatIsAskedFor() throws Exception {
    HttpResponse<String> text = get("/metrics");
    HttpResponse<String> open =
        ask("/metrics", "GET", "application/openmetrics-text;version=1.0.0");

    assertThat(text.body()).contains("# HELP jvm_memory_used_bytes", "process_files_open_files");
    assertThat(text.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(open.body()).endsWith("# EOF\n");
  }

  @Test
  void scrapesThatDoNotEndLeaveProbesTheirAnswers() throws Exception {
    CountDownLatch disk = new CountDownLatch(1);
    Gauge.builder("hung", () -> ended(disk)).register(registry);
    List<CompletableFuture<HttpResponse<String>>> scrapes = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        scrapes.add(
            client.sendAsync(
                HttpRequest.newBuilder(server.uri().resolve("/metrics")).build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      // All but those that hang are told so.
      Awaitility.await()
          .until(() -> scrapes.stream().filter(CompletableFuture::isDone).count() == 16);

      assertThat(get("/health/live").statusCode()).isEqualTo(200);
      assertThat(get("/metrics").body()).contains("the disk may hang");
    } finally {
      disk.countDown();
    }
    Awaitility.await().until(() -> get("/metrics").body().contains("hung 1.0"));
  }

  @Test
  void anythingElseIsRefused() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/metrics/").statusCode()).isEqualTo(404);
    assertThat(get("/health/../etc/passwd").statusCode()).isEqualTo(404);
    HttpResponse<String> post = ask("/metrics", "POST", "*/*");
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
    HttpResponse<String> head = ask("/health", "HEAD", "*/*");
    assertThat(head.statusCode()).isEqualTo(503);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void whereItCannotListenIsNamed() {
    ManagementServer another = new ManagementServer(registry, List.of(), List.of());
    int taken = server.uri().getPort();

    assertThatThrownBy(() -> another.start("127.0.0.1", taken))
        .isInstanceOf(UnusableAddressException.class)
        .hasMessageContainingAll("127.0.0.1:" + taken, "FUSELAGE_HTTP_PORT");
    assertThatThrownBy(() -> another.start("nowhere.invalid", 0))
        .isInstanceOf(UnusableAddressException.class)
        .hasMessageContainingAll("nowhere.invalid", "FUSELAGE_HTTP_HOST");
    assertThatThrownBy(() -> another.start("127.0.0.1", 65_536))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fuselage.http.port is 65536");
  }

  private static int ended(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES) ? 1 : 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }
}
