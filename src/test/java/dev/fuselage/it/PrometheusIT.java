package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.Needs;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Place.Result;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a real Prometheus and its tool say of a service in use. */
class PrometheusIT {
  private static final Pattern QUERY = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)+)\"");

  /** What a dashboard offers to choose from, as Grafana writes that. */
  private static final Pattern CHOICE =
      Pattern.compile("\"label_values\\(([a-z_]+), ([a-z]+)\\)\"");

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void everyPanelHasData() throws Exception {
    Optional<Path> prometheus = Parts.onPath("prometheus");
    Needs.that(prometheus.isPresent(), "prometheus is missing: install the package prometheus");
    Installation fuselage =
        Installation.in(workspace.path(), workspace, Parts.launcher())
            .with("FUSELAGE_USAGE_INTERVAL", "1s");
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      use(client, 0);
      int port = freePort();
      Process scraper = scrape(prometheus.get(), port, service.managementAddress());
      try (HttpClient http = HttpClient.newHttpClient()) {
        List<String> queries = queries();
        assertThat(queries).hasSizeGreaterThan(25);
        int[] round = {1};
        for (String query : queries) {
          // Rates need calls between two scrapes.
          Awaitility.await(query)
              .atMost(Duration.ofMinutes(2))
              .until(
                  () -> {
                    use(client, round[0]++);
                    return hasData(http, port, query);
                  });
        }
        for (MatchResult choice : choices()) {
          URI values =
              URI.create(
                  "http://127.0.0.1:%d/api/v1/label/%s/values?match[]=%s"
                      .formatted(port, choice.group(2), choice.group(1)));
          assertThat(Answer.of(values).at("/data").rows()).as(choice.group()).isNotEmpty();
        }
      } finally {
        scraper.destroy();
        scraper.waitFor();
      }
      assertThat(service.stop()).as(service.log()).isZero();
    }
  }

  @Test
  void theMetricsOfAServiceInUseAreClean() throws Exception {
    String promtool = promtool();
    Installation fuselage =
        Installation.in(workspace.path(), workspace, Parts.launcher())
            .with("FUSELAGE_USAGE_INTERVAL", "1s");
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      client.prepare(Call.PATIENT, "extract", "", Labels.NONE);
      client.commit(Call.PATIENT, "layer", "extract", Optional.empty(), Labels.NONE);
      client.prepare(Call.PATIENT, "container", "layer", Labels.NONE);
      URI address = service.managementAddress();
      Path metrics = workspace.resolve("metrics");
      Awaitility.await("the first round of measuring")
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                Files.writeString(metrics, Scrape.text(address));
                return Files.readString(metrics).contains("fuselage_root_bytes ");
              });

      Result checked =
          workspace.run(
              "sh", "-c", "\"$1\" check metrics <\"$2\"", "sh", promtool, metrics.toString());

      assertThat(checked.err() + checked.out()).doesNotContain("fuselage_");
      assertThat(Files.readString(metrics))
          .contains("fuselage_snapshot_bytes{snapshot=\"layer\",kind=\"committed\"")
          .contains("fuselage_sync_callers_total{what=\"log\"");
      assertThat(service.stop()).as(service.log()).isZero();
    }
  }

  private static String promtool() {
    Optional<Path> promtool = Parts.onPath("promtool");
    Needs.that(promtool.isPresent(), "promtool is missing: install the package prometheus");
    return promtool.orElseThrow().toString();
  }

  private static void use(SnapshotterClient client, int round) {
    String name = "k8s.io/" + (2 * round + 1) + "/";
    String layer = name + "sha256:" + round;
    client.prepare(Call.PATIENT, name + "extract-1", "", Labels.NONE);
    client.commit(Call.PATIENT, layer, name + "extract-1", Optional.empty(), image());
    client.prepare(Call.PATIENT, name + "container", layer, Labels.NONE);
    if (round > 0) {
      client.remove(Call.PATIENT, name + "container");
      client.remove(Call.PATIENT, layer);
    }
  }

  private static Labels image() {
    return Labels.of(Map.of("containerd.io/snapshot/cri.image-ref", "example/web:1"));
  }

  private Process scrape(Path prometheus, int port, URI target) throws IOException {
    Path configuration = workspace.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global:
          scrape_interval: 1s
        scrape_configs:
          - job_name: fuselage
            static_configs:
              - targets: ["%s"]
        """
            .formatted(target.getAuthority()));
    return workspace
        .command(
            prometheus.toString(),
            "--config.file=" + configuration,
            "--storage.tsdb.path=" + workspace.resolve("prometheus"),
            "--web.listen-address=127.0.0.1:" + port)
        .redirectErrorStream(true)
        .redirectOutput(workspace.resolve("prometheus.log").toFile())
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static List<String> queries() throws IOException {
    return QUERY
        .matcher(dashboards())
        .results()
        .map(found -> found.group(1).replace("\\\"", "\""))
        .map(query -> query.replace("instance=\"$instance\"", "instance=~\".+\""))
        .toList();
  }

  private static List<MatchResult> choices() throws IOException {
    List<MatchResult> choices = CHOICE.matcher(dashboards()).results().toList();
    assertThat(choices).isNotEmpty();
    return choices;
  }

  private static String dashboards() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String dashboard : List.of("fleet", "node")) {
      text.append(Files.readString(Path.of("deploy", "grafana", dashboard + ".json")));
    }
    return text.toString();
  }

  private static boolean hasData(HttpClient http, int port, String query) throws Exception {
    URI address =
        URI.create(
            "http://127.0.0.1:%d/api/v1/query?query=%s"
                .formatted(port, URLEncoder.encode(query, StandardCharsets.UTF_8)));
    try {
      String answer =
          http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      return answer.contains("\"value\":[") && !answer.contains(",\"NaN\"]");
    } catch (IOException notUpYet) {
      return false;
    }
  }
}
