package dev.fuselage.dist;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes the AOT cache of a distribution: starts it as it will be started, with real calls, so that
 * the JVM writes down at its end what it loaded and linked. Then starts it once more with the cache
 * made mandatory, since a cache that does not fit is ignored without a word.
 */
public final class AotTraining {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ROUNDS = 300;

  private final Path distribution;
  private final Path scratch;

  private AotTraining(Path distribution, Path scratch) {
    this.distribution = distribution;
    this.scratch = scratch;
  }

  /**
   * Trains.
   *
   * @param arguments the distribution's directory
   */
  public static void main(String[] arguments) throws Exception {
    Path scratch = Files.createTempDirectory("fuselage-aot");
    try {
      new AotTraining(Path.of(arguments[0]), scratch).run();
    } finally {
      delete(scratch);
    }
  }

  private void run() throws Exception {
    Path cache = distribution.resolve("lib/fuselage.aot");
    Files.deleteIfExists(cache);
    serve("-XX:AOTCacheOutput=" + cache, ROUNDS);
    if (!Files.exists(cache)) {
      throw new IllegalStateException("the JVM wrote no AOT cache:\n" + log());
    }
    serve("-XX:AOTMode=on", 1);
  }

  private void serve(String option, int rounds) throws Exception {
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(distribution.resolve("bin/fuselage").toString(), "serve")
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "FUSELAGE_JAVA_OPTS", option,
                "FUSELAGE_ROOT", scratch.resolve("root").toString(),
                "FUSELAGE_SOCKET", socket().toString(),
                "FUSELAGE_DRIVER", "fuse-overlayfs",
                "FUSELAGE_HTTP_PORT", Integer.toString(port)));
    Process process = builder.start();
    try {
      awaitAnswer(process);
      for (int round = 0; round < rounds; round++) {
        use("training-" + round);
      }
      look(port);
    } finally {
      process.destroy();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    if (process.exitValue() != 0 && process.exitValue() != 143) {
      throw new IllegalStateException("serve ended with " + process.exitValue() + ":\n" + log());
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Path socket() {
    return scratch.resolve("s.sock");
  }

  private String log() throws IOException {
    return Files.readString(scratch.resolve("log"));
  }

  private SnapshotterClient connect() {
    return SnapshotterClient.connect(socket(), Duration.ofSeconds(20));
  }

  private void awaitAnswer(Process process) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IllegalStateException("serve ended at once:\n" + log());
      }
      try (SnapshotterClient client = connect();
          Listing<?> listing = client.list(List.of())) {
        listing.forEachRemaining(info -> {});
        return;
      } catch (SnapshotException e) {
        Thread.sleep(50);
      }
    }
    throw new IllegalStateException("serve did not answer:\n" + log());
  }

  /** One life of a layer and of a container upon it. */
  private void use(String name) throws IOException {
    Labels labels = Labels.of(Map.of("containerd.io/snapshot.ref", name));
    try (SnapshotterClient client = connect()) {
      // Of a layer without layers below the mount is a bind: its source is its directory.
      Path directory =
          Path.of(client.prepare(Call.PATIENT, name + " extract", "", labels).getFirst().source());
      unpack(directory);
      client.commit(Call.PATIENT, name, name + " extract", Optional.empty(), labels);
      client.prepare(Call.PATIENT, name + " container", name, Labels.NONE);
      client.view(Call.PATIENT, name + " view", name, Labels.NONE);
      client.mounts(name + " container");
      client.stat(name);
      client.usage(Call.PATIENT, name + " container");
      client.update(Call.PATIENT, name, LabelChange.of(List.of(), Map.of("a", "b")));
      try (Listing<?> listing = client.list(List.of("kind==active,labels.a!=b", "name~=/^t/"))) {
        listing.forEachRemaining(info -> {});
      }
      try {
        client.stat(name + " missing");
      } catch (SnapshotException expected) {
        // What containerd asks most often.
      }
      client.remove(Call.PATIENT, name + " view");
      client.remove(Call.PATIENT, name + " container");
      client.remove(Call.PATIENT, name);
      client.cleanup(Call.PATIENT);
    }
  }

  /** What a small layer holds. */
  private static void unpack(Path directory) throws IOException {
    Path below = Files.createDirectories(directory.resolve("etc/below"));
    Path file = Files.writeString(below.resolve("file"), "trained");
    Files.createLink(below.resolve("again"), file);
    Files.createSymbolicLink(below.resolve("link"), Path.of("file"));
  }

  /** As a probe, Prometheus, and somebody with a browser do. */
  private void look(int port) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (String path : List.of("/health/live", "/health/ready", "/metrics", "/", "/page.js")) {
        expect(http, port, path);
      }
      HttpResponse<InputStream> events =
          http.send(
              HttpRequest.newBuilder(address(port, "/api/events")).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream unread = events.body()) {
        awaitReport(http, port);
        for (String path : List.of("/api/node.json", "/metrics")) {
          expect(http, port, path);
        }
      }
    }
  }

  /** Nobody has one before the disk was measured, which is done for those who look. */
  private void awaitReport(HttpClient http, int port) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (status(http, port, "/api/rows.json?of=snapshot") != 200) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the disk was not measured:\n" + log());
      }
      Thread.sleep(100);
    }
  }

  private static void expect(HttpClient http, int port, String path)
      throws IOException, InterruptedException {
    int status = status(http, port, path);
    if (status != 200) {
      throw new IllegalStateException(address(port, path) + " answers " + status);
    }
  }

  private static int status(HttpClient http, int port, String path)
      throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(address(port, path)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static URI address(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      paths
          .sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
