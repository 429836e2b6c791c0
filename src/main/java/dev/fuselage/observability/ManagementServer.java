package dev.fuselage.observability;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Health, metrics and the node page over HTTP, by the JDK's own server: see docs/decisions/0009.
 */
@Singleton
public final class ManagementServer {
  private static final Logger LOG = Logger.getLogger(ManagementServer.class);

  private static final int LAST_PORT = 65_535;
  private static final int THREADS = 8;

  /** Of their own, since a scrape asks parts that may wait for a disk, and probes may not. */
  private static final int SCRAPES_AT_ONCE = 4;

  private static final int THREAD_IDLE_SECONDS = 10;

  private final PrometheusMeterRegistry registry;
  private final List<HealthCheck> checks;
  private final List<Site> sites;
  private final AtomicBoolean scraped = new AtomicBoolean();

  /** Makes one that does not answer yet. */
  public ManagementServer(
      PrometheusMeterRegistry registry, @All List<HealthCheck> checks, @All List<Site> sites) {
    this.registry = registry;
    this.checks = checks;
    this.sites = sites;
  }

  /** A server that answers until it is closed. */
  public interface Running extends AutoCloseable {
    /** Where it answers. */
    URI uri();

    @Override
    void close();
  }

  /**
   * Starts to answer.
   *
   * @param port 0 for any free one
   * @throws UnusableAddressException if the host is not known or the port taken
   * @throws IllegalArgumentException if the port is none
   */
  public Running start(String host, int port) throws UnusableAddressException {
    if (port < 0 || port > LAST_PORT) {
      throw new IllegalArgumentException(
          "fuselage.http.port is %d: ports are 0 to %d".formatted(port, LAST_PORT));
    }
    // Seconds, after which a client that does not go on loses its connection, and we its thread.
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    System.setProperty("sun.net.httpserver.maxRspTime", "60");
    HttpServer server = listen(host, port);
    ForkJoinPool threads = threads();
    ThreadPoolExecutor scrapes =
        new ThreadPoolExecutor(
            0,
            SCRAPES_AT_ONCE,
            THREAD_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("scrape-", 0).factory());
    server.setExecutor(threads);
    Gate.Hosts anyHost = new Gate.Hosts.Any();
    serve(server, "/health", anyHost, _ -> health(checks));
    serve(server, "/health/live", anyHost, _ -> health(of(HealthCheck.Probe.LIVE)));
    serve(server, "/health/ready", anyHost, _ -> health(of(HealthCheck.Probe.READY)));
    // Names of pods and images are told by the others.
    Gate.Hosts hosts =
        server.getAddress().getAddress().isLoopbackAddress()
            ? new Gate.Hosts.Loopback(host)
            : anyHost;
    route(server, "/metrics", hosts, exchange -> metrics(exchange, scrapes));
    sites.forEach(site -> site.open((path, handler) -> route(server, path, hosts, handler)));
    server.start();
    int bound = server.getAddress().getPort();
    return new Running() {
      @Override
      public URI uri() {
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + bound);
      }

      @Override
      public void close() {
        sites.forEach(Site::close);
        server.stop(0);
        threads.shutdownNow();
        scrapes.shutdownNow();
      }
    };
  }

  /**
   * Of its threads the one that rested least takes what comes, so that a probe now and then keeps
   * to one: each that was ever used holds 100 KB.
   */
  private static ForkJoinPool threads() {
    AtomicInteger numbers = new AtomicInteger();
    return new ForkJoinPool(
        THREADS,
        pool -> {
          ForkJoinWorkerThread thread = new ForkJoinWorkerThread(pool) {};
          thread.setName("http-" + numbers.getAndIncrement());
          return thread;
        },
        null,
        true,
        0,
        THREADS,
        0,
        null,
        THREAD_IDLE_SECONDS,
        TimeUnit.SECONDS);
  }

  private static HttpServer listen(String host, int port) throws UnusableAddressException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new UnusableAddressException(
          "management HTTP can't listen on %s, whose address is not known: set FUSELAGE_HTTP_HOST"
                  .formatted(host)
              + " to an address of this machine");
    }
    try {
      return HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new UnusableAddressException(
          "management HTTP can't listen on %s:%d (%s): stop the process that has it, or set"
                  .formatted(host, port, e.getMessage())
              + " FUSELAGE_HTTP_PORT to another port, 0 for any free one");
    }
  }

  private record Answer(int status, String contentType, String body) {}

  @FunctionalInterface
  private interface Page {
    Answer of(HttpExchange exchange);
  }

  private static void serve(HttpServer server, String path, Gate.Hosts hosts, Page page) {
    route(
        server,
        path,
        hosts,
        exchange -> {
          try (exchange) {
            answer(exchange, page.of(exchange));
          }
        });
  }

  private static void route(HttpServer server, String path, Gate.Hosts hosts, HttpHandler handler) {
    server.createContext(path, handler).getFilters().add(new Gate(path, hosts));
  }

  private static void answer(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    byte[] body = answer.body().getBytes(UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body);
  }

  /** Answers beside the thread that it is called on. */
  private void metrics(HttpExchange exchange, Executor scrapes) throws IOException {
    try {
      scrapes.execute(
          () -> {
            try (exchange) {
              answer(exchange, metrics(exchange));
            } catch (IOException e) {
              LOG.debugf("op=scrape not read to its end: %s", e.getMessage());
            }
          });
    } catch (RejectedExecutionException e) {
      try (exchange) {
        answer(
            exchange,
            new Answer(503, "text/plain", "the scrapes before do not end: the disk may hang\n"));
      }
    }
  }

  private Answer metrics(HttpExchange exchange) {
    // Not at the start: it loads most of the JVM's management classes.
    if (scraped.compareAndSet(false, true)) {
      MeterRegistries.addProcess(registry);
    }
    String accepted = exchange.getRequestHeaders().getFirst("Accept");
    String type = TextFormat.chooseContentType(accepted == null ? "" : accepted);
    return new Answer(200, type, registry.scrape(type));
  }

  private List<HealthCheck> of(HealthCheck.Probe probe) {
    return checks.stream().filter(check -> check.probe() == probe).toList();
  }

  private static Answer health(List<HealthCheck> checks) {
    HealthReport report = HealthReport.of(checks);
    return new Answer(report.up() ? 200 : 503, "application/json", report.json());
  }
}
