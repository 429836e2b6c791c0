package dev.fuselage.observability.page;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.observability.Site;
import dev.fuselage.observability.SlowCalls;
import dev.fuselage.snapshot.SnapshotException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The page of the node, and what it reads. It answers on a few threads of its own, so that neither
 * slow readers nor a slow disk ever keep a probe or a scrape waiting.
 */
@Singleton
public final class NodePage implements Site {
  private static final Logger LOG = Logger.getLogger(NodePage.class);

  private static final int THREADS = 4;
  private static final int THREAD_IDLE_SECONDS = 5;
  private static final int MOST_WAITING = 32;

  /** Everything from here, nothing inline, nothing framed, nothing sent anywhere. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String HTML = "text/html; charset=utf-8";
  private static final String JAVASCRIPT = "text/javascript; charset=utf-8";

  private static final List<String> SCRIPTS =
      List.of("page.js", "words.js", "elements.js", "chart.js", "treemap.js");

  private static final JsonFactory JSON = new JsonFactory();

  private final ServiceState state;
  private final SlowCalls slowCalls;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          THREAD_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().daemon().name("page-", 0).factory());

  private final Viewers viewers;
  private final Freshness freshness;
  private volatile Optional<Sources> sources = Optional.empty();

  @Inject
  NodePage(ServiceState state, SlowCalls slowCalls) {
    this(state, slowCalls, Viewers.Settings.DEFAULT);
  }

  NodePage(ServiceState state, SlowCalls slowCalls, Viewers.Settings settings) {
    this.state = state;
    this.slowCalls = slowCalls;
    threads.allowCoreThreadTimeOut(true);
    freshness = new Freshness(threads, () -> sources, System::nanoTime);
    viewers = new Viewers(settings, threads, this::news);
  }

  /** Those that it tells of. */
  public SlowCalls slowCalls() {
    return slowCalls;
  }

  /** Has it tell of the service from now on. */
  public void show(Sources asked) {
    sources = Optional.of(asked);
  }

  /** Has it ask nobody any more. */
  public void hide() {
    sources = Optional.empty();
  }

  @Override
  public void open(Routes routes) {
    add(routes, "/", exchange -> asset(exchange, "index.html", HTML));
    add(routes, "/page.css", exchange -> asset(exchange, "page.css", "text/css; charset=utf-8"));
    for (String script : SCRIPTS) {
      add(routes, "/" + script, exchange -> asset(exchange, script, JAVASCRIPT));
    }
    add(
        routes,
        "/api/node.json",
        exchange -> {
          freshness.keep();
          json(
              exchange,
              json -> new NodeDocument(json).write(state.get(), slowCalls.list(), sources));
        });
    add(routes, "/api/rows.json", this::rows);
    add(routes, "/api/events", this::events);
  }

  /** Answers, and closes the exchange or sees to it that somebody will. */
  @FunctionalInterface
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private void add(Routes routes, String path, Answer answer) {
    routes.add(
        path,
        exchange -> {
          secure(exchange.getResponseHeaders());
          try {
            threads.execute(() -> answer(exchange, answer));
          } catch (RejectedExecutionException e) {
            refuse(exchange, 503);
          }
        });
  }

  private static void secure(Headers headers) {
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cache-Control", "no-store");
  }

  private static void answer(HttpExchange exchange, Answer answer) {
    try {
      answer.to(exchange);
    } catch (IOException e) {
      LOG.debugf("op=page a client went away: %s", e.getMessage());
      exchange.close();
    } catch (RuntimeException e) {
      LOG.error("op=page given up", e);
      exchange.close();
    }
  }

  private static void refuse(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  private static void asset(HttpExchange exchange, String name, String type) throws IOException {
    try (exchange;
        InputStream asset = NodePage.class.getResourceAsStream(name)) {
      if (asset == null) {
        throw new IOException("the page's " + name + " is missing");
      }
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(200, isHead(exchange) ? -1 : 0);
      if (!isHead(exchange)) {
        asset.transferTo(exchange.getResponseBody());
      }
    }
  }

  private static void json(HttpExchange exchange, RowsDocument.Writer writer) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, isHead(exchange) ? -1 : 0);
      if (isHead(exchange)) {
        return;
      }
      try (OutputStream body = exchange.getResponseBody();
          JsonGenerator json = JSON.createGenerator(body)) {
        writer.write(json);
      }
    }
  }

  private void rows(HttpExchange exchange) throws IOException {
    freshness.keep();
    RowsDocument.Writer found;
    try {
      Query query = Query.of(exchange.getRequestURI());
      found =
          new RowsDocument(sources.orElseThrow(() -> unavailable("it starts or stops")), query)
              .find();
    } catch (IllegalArgumentException e) {
      refuse(exchange, 400);
      return;
    } catch (SnapshotException e) {
      LOG.debugf("op=page %s", e.getMessage());
      exchange.getResponseHeaders().set("Retry-After", "1");
      refuse(exchange, 503);
      return;
    }
    json(exchange, found);
  }

  private static SnapshotException unavailable(String why) {
    return new SnapshotException(SnapshotException.Code.UNAVAILABLE, why);
  }

  private void events(HttpExchange exchange) throws IOException {
    if (!viewers.hasRoom()) {
      exchange.getResponseHeaders().set("Retry-After", "30");
      refuse(exchange, 503);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    if (isHead(exchange)) {
      refuse(exchange, 200);
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    body.write("retry: 1000\n\n".getBytes(US_ASCII));
    body.flush();
    boolean added =
        viewers.add(
            new Viewers.Line() {
              @Override
              public OutputStream out() {
                return body;
              }

              @Override
              public void close() {
                exchange.close();
              }
            });
    if (!added) {
      exchange.close();
    }
  }

  /** What changes when the page should be read again. Asked only while somebody looks. */
  private String news() {
    freshness.keep();
    return "{\"made\":%d,\"ready\":%b}"
        .formatted(
            sources
                .flatMap(asked -> asked.last().get())
                .map(report -> report.made().toEpochMilli())
                .orElse(0L),
            state.get().serving());
  }

  @Override
  public void close() {
    viewers.close();
    threads.shutdown();
  }
}
