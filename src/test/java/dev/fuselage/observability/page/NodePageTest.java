package dev.fuselage.observability.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fuselage.observability.ManagementServer;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.observability.SlowCalls;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodePageTest {
  private static final Viewers.Settings VIEWERS =
      new Viewers.Settings(
          3,
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofSeconds(5),
          Duration.ofSeconds(45));

  private final ServiceState state = new ServiceState();
  private final SlowCalls slowCalls = new SlowCalls(InstantSource.system());
  private final NodePage page = new NodePage(state, slowCalls, VIEWERS);
  private final HttpClient client = HttpClient.newHttpClient();
  private ManagementServer.Running server;

  @BeforeEach
  void start() throws Exception {
    server =
        new ManagementServer(
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), List.of(), List.of(page))
            .start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri().resolve(path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = ask("GET", path);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    return new ObjectMapper().readTree(answer.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.css", "/page.js", "/api/node.json", "/api/nothing"})
  void nothingIsKeptGuessedFramedOrFetchedFromElsewhere(String path) throws Exception {
    HttpResponse<String> answer = ask("GET", path);

    if (answer.statusCode() == 200) {
      assertThat(answer.headers().firstValue("Content-Security-Policy"))
          .hasValueSatisfying(
              policy ->
                  assertThat(policy)
                      .startsWith("default-src 'none'; script-src 'self';")
                      .contains("frame-ancestors 'none'")
                      .doesNotContain("unsafe", "http", "*"));
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    } else {
      assertThat(answer.statusCode()).isEqualTo(404);
    }
  }

  @Test
  void thePageNamesNothingOutsideAndRunsNothingInline() throws Exception {
    String html = ask("GET", "/").body();

    assertThat(html).doesNotContain("http:", "https:", "<style", "onclick", "onload", "style=");
    assertThat(Pattern.compile("<script(?![^>]*src=\"/)").matcher(html).find()).isFalse();
    Pattern named = Pattern.compile("(?:src|href)=\"(/[a-z.]+)\"");
    assertThat(named.matcher(html).results().map(found -> found.group(1)))
        .isNotEmpty()
        .allSatisfy(path -> assertThat(ask("GET", path).statusCode()).isEqualTo(200));
  }

  @Test
  void theScriptsMakeNoMarkupOfStringsAndImportWhatIsServed() throws Exception {
    Pattern imported = Pattern.compile("from \"(/[a-z]+\\.js)\"");
    Set<String> scripts = new HashSet<>(Set.of("/page.js"));
    List<String> left = new ArrayList<>(scripts);
    while (!left.isEmpty()) {
      HttpResponse<String> script = ask("GET", left.removeFirst());
      assertThat(script.statusCode()).isEqualTo(200);
      assertThat(script.headers().firstValue("Content-Type"))
          .hasValue("text/javascript; charset=utf-8");
      assertThat(script.body().replace("http://www.w3.org/2000/svg", ""))
          .doesNotContain(
              "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:");
      imported
          .matcher(script.body())
          .results()
          .map(found -> found.group(1))
          .forEach(
              path -> {
                if (scripts.add(path)) {
                  left.add(path);
                }
              });
    }
    assertThat(scripts).hasSizeGreaterThan(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
  void onlyReads(String method) throws Exception {
    for (String path : List.of("/", "/api/node.json", "/api/rows.json", "/api/events")) {
      assertThat(ask(method, path).statusCode()).as(path).isEqualTo(405);
    }
  }

  @Test
  void whatIsNotThereIsNotFound() throws Exception {
    for (String path : List.of("/nothing", "/page.js/", "/../page.js", "/package-info.class")) {
      assertThat(ask("GET", path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(ask("HEAD", "/").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:9750", "127.0.0.1.evil.example", "", "x]"})
  void anotherNameOfLoopbackIsRefused(String host) throws Exception {
    for (String path : List.of("/", "/api/node.json", "/metrics")) {
      assertThat(statusFor(path, host)).as(path).isEqualTo(421);
    }
    assertThat(statusFor("/health/live", host)).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8080", "LOCALHOST", "127.0.0.1:9750", "127.1.2.3", "[::1]:9"})
  void loopbackGoesByItsNames(String host) throws Exception {
    assertThat(statusFor("/", host)).isEqualTo(200);
  }

  private int statusFor(String path, String host) throws Exception {
    URI uri = server.uri();
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      String request =
          "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String line =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      return Integer.parseInt(line.split(" ", 3)[1]);
    }
  }

  @Test
  void tellsOfAServiceThatStartsWithoutAskingIt() throws Exception {
    JsonNode node = json("/api/node.json");

    assertThat(node.get("ready").asBoolean()).isFalse();
    assertThat(node.get("detail").asText()).isEqualTo("starting");
    assertThat(node.has("report")).isFalse();
    assertThat(ask("GET", "/api/rows.json?of=snapshot").statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/node.json", "/api/rows.json?of=snapshot"})
  void whoeverAsksHasTheDiskMeasured(String path) throws Exception {
    MadeUpNode node = MadeUpNode.unmeasured();
    page.show(node.sources());

    ask("GET", path);

    Awaitility.await().untilAsserted(() -> assertThat(node.rounds).hasValue(1));
  }

  @Test
  void tellsWhatTheDiskIsSpentOn() throws Exception {
    state.serving("well");
    page.show(MadeUpNode.withPods(3).sources());

    JsonNode node = json("/api/node.json");

    JsonNode report = node.get("report");
    long total = report.at("/total/bytes").asLong();
    long sum = 0;
    for (JsonNode owner : report.get("owners")) {
      sum += owner.get("bytes").asLong();
    }
    assertThat(sum).isEqualTo(total).isPositive();
    assertThat(report.at("/fileSystem/freeBytes").asLong()).isEqualTo(4_000_000);
    assertThat(report.at("/unclaimed/rows/0/command").asText()).startsWith("ctr rm");
    assertThat(node.at("/quarantine/rows/0/reason").asText()).isEqualTo("its directory is missing");
    assertThat(node.at("/quarantine/rows/0/above").asInt()).isEqualTo(4);
    assertThat(node.at("/trash/stuck/rows/0/reason").asText()).isEqualTo("unlinkat: busy");
    assertThat(node.at("/verification/completed").asText()).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(node.at("/backups/last/id").asInt()).isEqualTo(7);
  }

  @Test
  void tellsWhatGrewAndWhatWasSlowAndWhatForItWaited() throws Exception {
    page.show(MadeUpNode.withPods(3).sources());
    slowCalls.ended(
        "Commit",
        "OK",
        MadeUpNode.HOSTILE,
        Duration.ofMillis(900),
        Duration.ofMillis(200),
        Duration.ofMillis(650),
        "in dev.fuselage.posix.SystemCall.syncfs");

    JsonNode node = json("/api/node.json");

    assertThat(node.at("/growth/samples")).hasSize(1);
    assertThat(node.at("/growth/samples/0/pod").asLong()).isEqualTo(3_000_000 - 3);
    JsonNode slow = node.at("/slowCalls/rows/0");
    assertThat(slow.get("method").asText()).isEqualTo("Commit");
    assertThat(slow.get("key").asText()).isEqualTo(MadeUpNode.HOSTILE);
    assertThat(slow.get("queuedMillis").asInt()).isEqualTo(200);
    assertThat(slow.get("workedMillis").asInt()).isEqualTo(650);
    assertThat(slow.get("where").asText()).contains("syncfs");
  }

  @Test
  void hostileNamesComeThroughAsTheyAreAndAsNothingButJson() throws Exception {
    page.show(MadeUpNode.withPods(1).sources());

    JsonNode node = json("/api/node.json");

    assertThat(node.at("/report/unclaimed/rows/0/key").asText()).isEqualTo(MadeUpNode.HOSTILE);
    assertThat(node.at("/quarantine/rows/0/key").asText()).isEqualTo(MadeUpNode.HOSTILE);
  }

  @Test
  void whatTheServiceCannotTellIsSaidInItsPlace() throws Exception {
    page.show(MadeUpNode.withPods(1).broken().sources());

    JsonNode node = json("/api/node.json");

    assertThat(node.at("/quarantine/error").asText()).isEqualTo("the store is damaged");
    assertThat(node.at("/trash/trees").asInt()).isOne();
    assertThat(ask("GET", "/api/rows.json?of=quarantine").statusCode()).isEqualTo(503);
  }

  @Test
  void tenThousandOwnersMakeASmallDocumentWhoseSumsAreWhole() throws Exception {
    page.show(MadeUpNode.withPods(10_000).sources());

    HttpResponse<String> answer = ask("GET", "/api/node.json");

    assertThat(answer.body()).hasSizeLessThan(20_000);
    JsonNode pods = new ObjectMapper().readTree(answer.body()).at("/report/owners/1");
    assertThat(pods.get("kind").asText()).isEqualTo("pod");
    assertThat(pods.get("count").asInt()).isEqualTo(10_000);
    assertThat(pods.get("rows")).hasSize(NodeDocument.MOST_HOLDINGS);
    assertThat(pods.get("bytes").asLong()).isEqualTo(10_000L * 1_000_000 - 10_000L * 9_999 / 2);
  }

  @Test
  void aLongListIsReadPartByPartToItsEnd() throws Exception {
    page.show(MadeUpNode.withPods(2 * RowsDocument.MOST_ROWS + 5).sources());
    Set<String> names = new HashSet<>();
    int cursor = 0;
    int parts = 0;
    while (cursor >= 0) {
      JsonNode part = json("/api/rows.json?of=owner&kind=pod&cursor=" + cursor);
      part.get("rows").forEach(row -> names.add(row.get("name").asText()));
      cursor = part.path("next").asInt(-1);
      parts++;
    }

    assertThat(parts).isEqualTo(3);
    assertThat(names).hasSize(2 * RowsDocument.MOST_ROWS + 5).contains(MadeUpNode.POD + "0");
    assertThat(json("/api/rows.json?of=owner&kind=pod&cursor=2000000000").get("rows")).isEmpty();
  }

  @Test
  void looksInsideAnImageAndAnOwner() throws Exception {
    page.show(MadeUpNode.withPods(1).sources());

    JsonNode layers = json("/api/rows.json?of=layer&namespace=k8s.io&image=web%3A1%26x");
    JsonNode snapshots = json("/api/rows.json?of=snapshot&kind=unclaimed");
    JsonNode others = json("/api/rows.json?of=snapshot&kind=unclaimed&name=other");

    assertThat(layers.at("/rows/0/key").asText()).isEqualTo("web:1&x base");
    assertThat(layers.at("/rows/0/images").asInt()).isEqualTo(2);
    assertThat(snapshots.get("count").asInt()).isOne();
    assertThat(others.get("count").asInt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?of=everything",
        "?of=owner&kind=king",
        "?of=snapshot&cursor=-1",
        "?of=snapshot&cursor=9999999999",
        "?of=snapshot&cursor=x"
      })
  void whatNobodyWouldAskIsRefused(String query) throws Exception {
    page.show(MadeUpNode.withPods(1).sources());

    assertThat(ask("GET", "/api/rows.json" + query).statusCode()).isEqualTo(400);
  }

  private HttpResponse<InputStream> listen() throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri().resolve("/api/events")).build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  @Test
  void aViewerHearsOfEachNewReport() throws Exception {
    MadeUpNode node = MadeUpNode.withPods(1);
    page.show(node.sources());
    HttpResponse<InputStream> answer = listen();
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertThat(await(lines, "data: ")).contains("\"made\":1767225600000");
      node.measure();
      assertThat(await(lines, "data: ")).contains("\"made\":1767225660000");
      assertThat(await(lines, ":")).isEqualTo(": alive");
    }
  }

  private static String await(BufferedReader lines, String prefix) throws Exception {
    String line = lines.readLine();
    while (!line.startsWith(prefix)) {
      line = lines.readLine();
    }
    return line;
  }

  @Test
  void viewersAreBoundedAndHoldNoThread() throws Exception {
    page.show(MadeUpNode.withPods(1).sources());
    List<InputStream> open = new ArrayList<>();
    for (int i = 0; i < VIEWERS.most(); i++) {
      HttpResponse<InputStream> answer = listen();
      assertThat(answer.statusCode()).isEqualTo(200);
      open.add(answer.body());
    }

    assertThat(listen().statusCode()).isEqualTo(503);
    assertThat(ask("GET", "/health/live").statusCode()).isEqualTo(200);
    assertThat(json("/api/node.json").has("report")).isTrue();

    open.removeFirst().close();
    Awaitility.await("the place of one who went")
        .untilAsserted(
            () -> {
              HttpResponse<InputStream> answer = listen();
              answer.body().close();
              assertThat(answer.statusCode()).isEqualTo(200);
            });
    for (InputStream body : open) {
      body.close();
    }
  }

  @Test
  void theDiskIsMeasuredOnlyWhileSomebodyLooks() throws Exception {
    MadeUpNode node = MadeUpNode.unmeasured();
    page.show(node.sources());
    ask("GET", "/");
    assertThat(node.rounds).hasValue(0);

    try (InputStream unread = listen().body()) {
      Awaitility.await("a round for the viewer")
          .untilAtomic(
              node.rounds,
              rounds -> {
                assertThat(rounds).isEqualTo(1);
              });
      assertThat(unread).isNotNull();
    }
  }
}
