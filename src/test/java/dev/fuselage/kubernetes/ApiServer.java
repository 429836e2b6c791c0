package dev.fuselage.kubernetes;

import dev.fuselage.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver on a real etcd, both on loopback, and nothing else of a cluster: no
 * controller deletes what belongs to nobody, and no kubelet writes a Node. Ends with the test or
 * the JVM, however that ends.
 */
public final class ApiServer implements AutoCloseable {
  /** May do everything. */
  public static final String ADMIN = "admin";

  private static final Path CRDS = Path.of("helm", "fuselage", "crds").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOOLS =
      ". src/dev/sh/lib.sh && printf %s \"$(tool_dir kubernetes \"$KUBERNETES_VERSION\")\"";

  private static @Nullable ApiServer shared;

  private final Path directory;
  private final Path tools;
  private final int etcdPort = freePort();
  private final int port = freePort();
  private final Deque<Process> processes = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::takeAway, "api-server");
  private final boolean audited;

  private ApiServer(Path directory, Path tools, boolean audited) {
    this.directory = directory;
    this.tools = tools;
    this.audited = audited;
  }

  /** The one of all tests that leave nothing behind but objects of names of their own. */
  public static synchronized ApiServer shared() {
    ApiServer running = shared;
    if (running == null) {
      running = start();
      shared = running;
    }
    return running;
  }

  /** One that a test may stop; the chart's CRDs are there. */
  public static ApiServer start() {
    return withCrds(startWithoutCrds());
  }

  /** As {@link #start}, and it writes down what service accounts ask for. */
  public static ApiServer startAudited() {
    return withCrds(start(true));
  }

  private static ApiServer withCrds(ApiServer server) {
    try {
      server.applyCrds();
      return server;
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  /** One to which our CRDs are unknown. */
  public static ApiServer startWithoutCrds() {
    return start(false);
  }

  private static ApiServer start(boolean audited) {
    Path tools = tools();
    try {
      ApiServer server =
          new ApiServer(Files.createTempDirectory("fuselage-api-server"), tools, audited);
      Runtime.getRuntime().addShutdownHook(server.atExit);
      server.configure();
      server.startEtcd();
      server.startServer();
      return server;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("no API server", e);
    }
  }

  private static Path tools() {
    Path etcd = Path.of("/usr/bin/etcd");
    Needs.that(Files.isExecutable(etcd), "there is no etcd: run `src/dev/sh/setup.sh test`");
    Path tools = Path.of(run(Path.of("."), List.of("bash", "-euc", TOOLS)));
    Needs.that(
        Files.isExecutable(tools.resolve("kube-apiserver")),
        "there is no kube-apiserver in %s: run `src/dev/sh/setup.sh test`".formatted(tools));
    return tools;
  }

  private void configure() throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
    Files.writeString(
        directory.resolve("accounts.key"),
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n".formatted(lines));
    Files.writeString(
        directory.resolve("tokens"), "%1$s,%1$s,%1$s,system:masters\n".formatted(ADMIN));
    writeKubeconfig(ADMIN, ADMIN);
    Files.writeString(directory.resolve("audit.yaml"), AuditLog.POLICY);
  }

  /** Writes down how a user reaches it, for {@link #client}. */
  void writeKubeconfig(String user, String token) {
    write(
        kubeconfig(user),
        """
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters:
          - name: test
            cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}
        users: [{name: test, user: {token: "%s"}}]
        """
            .formatted(port, directory.resolve("apiserver.crt"), token));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void startEtcd() throws IOException {
    String clients = "http://127.0.0.1:" + etcdPort;
    String peers = "http://127.0.0.1:" + freePort();
    launch(
        "etcd",
        "/usr/bin/etcd",
        "--data-dir=" + directory.resolve("etcd"),
        "--unsafe-no-fsync",
        "--logger=zap",
        "--log-level=warn",
        "--listen-client-urls=" + clients,
        "--advertise-client-urls=" + clients,
        "--listen-peer-urls=" + peers,
        "--initial-advertise-peer-urls=" + peers,
        "--initial-cluster=default=" + peers);
  }

  /** Starts the server, for the first time or again after {@link #stopServer}. */
  public void startServer() {
    try {
      List<String> line = new ArrayList<>();
      line.add(tools.resolve("kube-apiserver").toString());
      line.addAll(
          List.of(
              "--etcd-servers=http://127.0.0.1:" + etcdPort,
              "--bind-address=127.0.0.1",
              "--secure-port=" + port,
              "--advertise-address=127.0.0.1",
              "--endpoint-reconciler-type=none",
              "--cert-dir=" + directory,
              "--token-auth-file=" + directory.resolve("tokens"),
              "--authorization-mode=RBAC",
              "--disable-admission-plugins=ServiceAccount",
              "--service-cluster-ip-range=10.96.0.0/24",
              "--service-account-issuer=https://kubernetes.default.svc",
              "--service-account-key-file=" + directory.resolve("accounts.key"),
              "--service-account-signing-key-file=" + directory.resolve("accounts.key")));
      if (audited) {
        line.add("--audit-policy-file=" + directory.resolve("audit.yaml"));
        line.add("--audit-log-path=" + directory.resolve("audit.log"));
      }
      Process server = launch("kube-apiserver", line.toArray(String[]::new));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!isReady()) {
        if (!server.isAlive() || System.nanoTime() - end > 0) {
          throw new AssertionError(
              "the API server %s before it was ready:%n%s"
                  .formatted(server.isAlive() ? "took too long" : "ended", log("kube-apiserver")));
        }
        Thread.sleep(100);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private boolean isReady() {
    return Files.exists(directory.resolve("apiserver.crt"))
        && tryKubectl("get", "--raw", "/readyz").isPresent();
  }

  /** Kills the server; what it keeps stays in etcd. */
  public void stopServer() {
    end(processes.pop());
  }

  /** Makes our CRDs known. */
  public void applyCrds() {
    kubectl("apply", "--server-side", "-f", CRDS.toString());
    kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
  }

  /** How {@link #ADMIN} or an account reaches it. */
  public Path kubeconfig(String user) {
    return directory.resolve(user + ".kubeconfig");
  }

  /** A client of {@link #ADMIN} or an account, to be closed by who asked. */
  public ClusterClient client(String user) {
    return ClusterClient.of(Optional.of(kubeconfig(user)), System.getenv(), "test");
  }

  /** An account of that name that may do these things alone, to be closed by who asked. */
  public Account account(String name, List<Grant> grants) {
    return new Account(this, name, grants);
  }

  /** Makes a Node, for which no kubelet speaks. */
  public void makeNode(String name) {
    apply("{apiVersion: v1, kind: Node, metadata: {name: %s}}".formatted(name));
  }

  /**
   * Has a Node name the handlers of its container runtime, as a kubelet does.
   *
   * @param names in place of those of before
   */
  public void setHandlers(String node, String... names) {
    String handlers =
        Stream.of(names).map("{\"name\":\"%s\"}"::formatted).collect(Collectors.joining(","));
    patchStatus("node/" + node, "{\"runtimeHandlers\":[%s]}".formatted(handlers));
  }

  /**
   * Merges something into an object's status.
   *
   * @param object its kind and name, as {@code node/one}
   * @param status in JSON
   */
  public void patchStatus(String object, String status) {
    kubectl(
        "patch",
        object,
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\":%s}".formatted(status));
  }

  /** Takes Nodes away, and what was told of them; some may be gone. */
  public void deleteNodes(String... names) {
    for (String name : names) {
      kubectl("delete", "--ignore-not-found", "node/" + name, "fsn/" + name);
    }
  }

  /** The metrics of its etcd, as text. */
  public String etcdMetrics() {
    try (InputStream answer =
        URI.create("http://127.0.0.1:%d/metrics".formatted(etcdPort)).toURL().openStream()) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was written down; only of one that was started so. */
  public AuditLog audit() {
    return new AuditLog(directory.resolve("audit.log"));
  }

  /** What the administrator's {@code kubectl} prints, which must succeed. */
  public String kubectl(String... arguments) {
    return run(directory, kubectlLine(arguments));
  }

  /** As {@link #kubectl}, of a manifest by standard input. */
  public void apply(String manifest) {
    try {
      Path file = Files.writeString(Files.createTempFile(directory, "manifest", ".yaml"), manifest);
      kubectl("apply", "--server-side", "--force-conflicts", "-f", file.toString());
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@code kubectl} prints; empty if it fails. */
  public Optional<String> tryKubectl(String... arguments) {
    Output output = output(directory, kubectlLine(arguments));
    return output.exitCode() == 0 ? Optional.of(output.text()) : Optional.empty();
  }

  private List<String> kubectlLine(String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(tools.resolve("kubectl").toString());
    line.add("--kubeconfig=" + kubeconfig(ADMIN));
    line.add("--cache-dir=" + directory.resolve("cache"));
    line.addAll(List.of(arguments));
    return line;
  }

  private Process launch(String name, String... line) throws IOException {
    // Its end is the end of the thread that starts it, where nothing else can end it any more.
    List<String> whole = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    whole.addAll(List.of(line));
    Process process =
        new ProcessBuilder(whole)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    process.getOutputStream().close();
    processes.push(process);
    return process;
  }

  private String log(String name) throws IOException {
    return Files.readString(directory.resolve(name + ".log"));
  }

  private record Output(int exitCode, String text) {}

  private static String run(Path directory, List<String> line) {
    Output output = output(directory, line);
    if (output.exitCode() != 0) {
      throw new AssertionError("%s failed:%n%s".formatted(line, output.text()));
    }
    return output.text();
  }

  private static Output output(Path directory, List<String> line) {
    try {
      Process process =
          new ProcessBuilder(line)
              .directory(line.getFirst().equals("bash") ? null : directory.toFile())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes());
      return new Output(process.waitFor(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    takeAway();
    var unused = Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private void takeAway() {
    while (!processes.isEmpty()) {
      end(processes.pop());
    }
    try {
      Files.walkFileTree(directory, new Deletion());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(Process process) {
    process.destroyForcibly();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("%s does not end".formatted(process.info()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
