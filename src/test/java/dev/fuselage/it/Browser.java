package dev.fuselage.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A Chromium with one page, driven by its DevTools protocol; and what went wrong in it. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  private final List<URI> requests = Collections.synchronizedList(new ArrayList<>());

  private Browser(Process process, int port) throws Exception {
    this.process = process;
    URI target =
        URI.create(
            JSON.readTree(
                    http.send(
                            HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + port + "/json/new"))
                                .PUT(HttpRequest.BodyPublishers.noBody())
                                .build(),
                            HttpResponse.BodyHandlers.ofString())
                        .body())
                .get("webSocketDebuggerUrl")
                .asText());
    socket = http.newWebSocketBuilder().buildAsync(target, new Listener()).get();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      ask(domain + ".enable", Map.of());
    }
  }

  static Browser start(Workspace workspace, Path chromium) throws Exception {
    Path profile = workspace.resolve("chromium");
    Process process =
        workspace
            .command(
                chromium.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(workspace.resolve("chromium.log").toFile())
            .start();
    try {
      Path port = profile.resolve("DevToolsActivePort");
      Awaitility.await("Chromium's port")
          .atMost(PATIENCE)
          .until(() -> Files.exists(port) && Files.readString(port).contains("\n"));
      return new Browser(process, Integer.parseInt(Files.readAllLines(port).getFirst()));
    } catch (Exception | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          hear(JSON.readTree(text.toString()));
        } catch (IOException e) {
          complaints.add("Chromium said what is no JSON: " + e.getMessage());
        }
        text.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }
  }

  private void hear(JsonNode message) {
    CompletableFuture<JsonNode> answer = asked.remove(message.path("id").asInt(-1));
    if (answer != null) {
      answer.complete(message);
      return;
    }
    JsonNode said = message.path("params");
    switch (message.path("method").asText()) {
      case "Runtime.exceptionThrown" -> complaints.add(said.toString());
      case "Page.javascriptDialogOpening" -> complaints.add("a dialog: " + said);
      case "Log.entryAdded" -> {
        if (said.at("/entry/level").asText().equals("error")) {
          complaints.add(said.at("/entry").toString());
        }
      }
      case "Network.requestWillBeSent" ->
          requests.add(URI.create(said.at("/request/url").asText().split("[?#]", 2)[0]));
      default -> {}
    }
  }

  private JsonNode ask(String method, Map<String, ?> parameters) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    socket.sendText(message.toString(), true).get();
    JsonNode said = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (said.has("error")) {
      throw new AssertionError(method + ": " + said);
    }
    return said.path("result");
  }

  /** Scripts that failed, errors on the console, dialogs. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** All that was asked for, without queries. */
  List<URI> requests() {
    return List.copyOf(requests);
  }

  void open(URI address) throws Exception {
    ask("Page.navigate", Map.of("url", address.toString()));
    await("document.readyState === 'complete'");
  }

  void resize(int width, int height, boolean phone) throws Exception {
    ask(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
  }

  /**
   * As if the system were set to it.
   *
   * @param scheme light or dark
   */
  void prefer(String scheme) throws Exception {
    ask(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** What an expression is, as text. */
  String value(String expression) throws Exception {
    JsonNode result =
        ask(
            "Runtime.evaluate",
            Map.of("expression", "String(" + expression + ")", "awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result);
    }
    return result.at("/result/value").asText();
  }

  void await(String condition) {
    Awaitility.await(condition)
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> value(condition).equals("true"));
  }

  /** A key, as a person presses it: Tab, Enter, Escape, ArrowRight, … */
  void press(String key, int code) throws Exception {
    Map<String, Object> event = Map.of("key", key, "code", key, "windowsVirtualKeyCode", code);
    Map<String, Object> down = new HashMap<>(event);
    down.put("type", "keyDown");
    if (key.equals("Enter")) {
      down.put("text", "\r");
    }
    ask("Input.dispatchKeyEvent", down);
    Map<String, Object> up = new HashMap<>(event);
    up.put("type", "keyUp");
    ask("Input.dispatchKeyEvent", up);
  }

  /** Clicks where an element is, as a person does. */
  void click(String selector) throws Exception {
    String[] middle =
        value(
                "(() => { const e = document.querySelector(%s); e.scrollIntoView({block: 'center'});"
                        .formatted(JSON.writeValueAsString(selector))
                    + " const b = e.getBoundingClientRect();"
                    + " return (b.left + b.width / 2) + ' ' + (b.top + b.height / 2); })()")
            .split(" ", 2);
    for (String type : List.of("mousePressed", "mouseReleased")) {
      ask(
          "Input.dispatchMouseEvent",
          Map.of(
              "type",
              type,
              "x",
              Double.parseDouble(middle[0]),
              "y",
              Double.parseDouble(middle[1]),
              "button",
              "left",
              "clickCount",
              1));
    }
  }

  /** What is to be seen, or the whole page, as a PNG. */
  void picture(Path file, boolean whole) throws Exception {
    JsonNode shot =
        ask("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", whole));
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, Base64.getDecoder().decode(shot.get("data").asText()));
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    http.shutdownNow();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }
}
