package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.Needs;
import dev.fuselage.posix.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/**
 * A real one-node Kubernetes of a test's own, made by {@code src/dev/sh/cluster.sh}. Closing it
 * takes everything of it away, and so does the end of the JVM.
 */
final class Cluster implements AutoCloseable {
  /** Who runs it, the kubelet and containerd included. */
  enum User {
    ROOT,
    /** An ordinary user, under RootlessKit. */
    ROOTLESS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** By which its containerd pulls from its own registry. */
  static final String REGISTRY = "127.0.0.1:5000";

  private static final String DROP_IN = "/etc/containerd/conf.d/fuselage.toml";

  private static final Path SCRIPT = Path.of("src", "dev", "sh", "cluster.sh").toAbsolutePath();

  private static final Path DISTRIBUTION = Path.of("target", "fuselage").toAbsolutePath();

  private final Path directory;
  private final Thread atExit = new Thread(this::takeAway, "cluster");

  private Cluster(Path directory) {
    this.directory = directory;
  }

  /** Brings one up, ready to run pods. */
  static Cluster up(User user) {
    return up(user, false);
  }

  /** Brings one up whose containerd has Fuselage beside it. */
  static Cluster upWithHostService(User user) {
    Needs.that(
        Files.isExecutable(DISTRIBUTION.resolve("bin").resolve("fuselage")),
        "there is no distribution in " + DISTRIBUTION + ": run `make dist`");
    return up(user, true);
  }

  private static Cluster up(User user, boolean hostService) {
    Needs.that(Posix.effectiveUid() == 0, "a cluster of a test's own is made by root");
    String name = "fuselage-e2e-%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
    Cluster cluster = new Cluster(Path.of("/var/tmp", name));
    Runtime.getRuntime().addShutdownHook(cluster.atExit);
    cluster.script(
        Map.of(
            "ROOTLESS", user == User.ROOTLESS ? "1" : "0",
            "HOST_SERVICE", hostService ? "1" : "0",
            "JAVA_HOME", System.getProperty("java.home")),
        "up");
    return cluster;
  }

  private void script(Map<String, String> settings, String... arguments) {
    List<String> line = new ArrayList<>(List.of(SCRIPT.toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("FUSELAGE_CLUSTER", directory.toString());
    builder.environment().putAll(settings);
    System.out.print(Output.of(builder, "").succeeded().out());
  }

  /** Ends every process at once, as when the machine restarts. */
  void powerOff() {
    script(Map.of(), "power", "off");
  }

  /** Starts what a machine starts by itself; the registry is not there any more. */
  void powerOnWithoutRegistry() {
    script(Map.of("REGISTRY", "0"), "power", "on");
  }

  /** Sends SIGTERM to a process of the node, as {@code containerd}, and waits for its end. */
  void stop(String part) {
    script(Map.of(), "part", "stop", part);
  }

  void start(String part) {
    script(Map.of(), "part", "start", part);
  }

  /** As {@code systemctl restart} does; containers go on. */
  void restart(String part) {
    stop(part);
    start(part);
  }

  /** What {@code kubectl} answers from outside the node, which must be a success. */
  String kubectl(String... arguments) {
    return tryKubectl(arguments).succeeded().out();
  }

  /** What {@code kubectl} answers, which may be that it failed. */
  Output tryKubectl(String... arguments) {
    return Output.of(command("kubectl", arguments), "");
  }

  void apply(String manifest) {
    var unused = Output.of(command("kubectl", "apply", "-f", "-"), manifest).succeeded();
  }

  /** What {@code helm} answers, which may be that it failed. */
  Output tryHelm(String... arguments) {
    return Output.of(command("helm", arguments), "");
  }

  String helm(String... arguments) {
    return tryHelm(arguments).succeeded().out();
  }

  /** What a command on the node prints, which must succeed. */
  String onNode(String... line) {
    return tryOnNode(line).succeeded().out();
  }

  Output tryOnNode(String... line) {
    List<String> whole = new ArrayList<>(List.of(directory.resolve("enter").toString()));
    whole.addAll(List.of(line));
    return Output.of(new ProcessBuilder(whole), "");
  }

  /** A path of the node below {@code /var/lib}, as seen from outside. */
  Path outside(String path) {
    return directory.resolve("var-lib").resolve(Path.of("/var/lib").relativize(Path.of(path)));
  }

  /** The process of the chart's pod, as seen from outside. */
  ProcessHandle agent() {
    // Its environment is containerd's to choose, but its root and its socket lie in the cluster.
    return ProcessHandle.allProcesses()
        .filter(process -> told(process, "cmdline").contains("quarkus-run.jar\0serve\0"))
        .filter(process -> told(process, "mountinfo").contains("/" + directory.getFileName() + "/"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no agent runs in " + directory));
  }

  /** What {@code fuselage} answers of the node's own service. */
  String fuselage(String... arguments) {
    List<String> line = new ArrayList<>();
    line.add("env");
    line.add("FUSELAGE_JAVA_HOME=" + System.getProperty("java.home"));
    line.add(directory.resolve("fuselage").resolve("bin").resolve("fuselage").toString());
    line.addAll(List.of(arguments));
    return onNode(line.toArray(String[]::new));
  }

  /** Pushes the test image to the registry; the answer is what pods name it by. */
  String push(String repository) {
    String reference = "%s/%s".formatted(REGISTRY, repository);
    var unused = onNode("crane", "push", directory + "/images/test-layout", reference);
    return reference;
  }

  /** What the kubelet says that CRI lists, one image a line. */
  String images() {
    return kubectl(
            "get",
            "nodes",
            "-o",
            "jsonpath={range .items[0].status.images[*]}{.names}{\"\\n\"}{end}")
        .lines()
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private ProcessBuilder command(String program, String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(directory.resolve("bin").resolve(program).toString());
    line.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("KUBECONFIG", directory.resolve("kubeconfig").toString());
    builder.environment().put("HOME", directory.toString());
    return builder;
  }

  /** Tells containerd of Fuselage by a drop-in of deploy/containerd, as an admin does by hand. */
  void wire(String file) {
    var unused = onNode("cp", directory.resolve("dev").resolve(file).toString(), DROP_IN);
    restart("containerd");
  }

  /** Has containerd read the drop-in that the chart's pod writes. */
  void awaitDropIn() {
    await(() -> assertThat(hasDropIn()).isTrue());
    restart("containerd");
  }

  /** What the chart's pod has written for containerd. */
  String dropIn() {
    return onNode("cat", DROP_IN);
  }

  boolean hasDropIn() {
    return tryOnNode("test", "-e", DROP_IN).isSuccess();
  }

  /** Until the assertion holds, three minutes at most. */
  static void await(ThrowingRunnable assertion) {
    await(assertion, Duration.ofMinutes(3));
  }

  /** Until the assertion holds, one minute at most. */
  static void awaitAMinute(ThrowingRunnable assertion) {
    await(assertion, Duration.ofMinutes(1));
  }

  private static void await(ThrowingRunnable assertion, Duration patience) {
    Awaitility.await()
        .atMost(patience)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(assertion);
  }

  /** Takes it away, and looks that nothing of it is left. */
  @Override
  public void close() {
    takeAway();
    var unused = Runtime.getRuntime().removeShutdownHook(atExit);
    assertThat(leftovers()).as("what is left of the cluster in %s", directory).isEmpty();
  }

  private void takeAway() {
    script(Map.of(), "down");
  }

  private List<String> leftovers() {
    List<String> left = new ArrayList<>();
    if (Files.exists(directory)) {
      left.add("directory " + directory);
    }
    ProcessHandle.allProcesses()
        .filter(process -> told(process, "environ").contains("CLUSTER=" + directory + "\0"))
        .forEach(process -> left.add("process " + process.pid()));
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"));
        DirectoryStream<Path> hierarchies =
            Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      mounts.filter(line -> line.contains(directory.toString())).forEach(left::add);
      for (Path hierarchy : hierarchies) {
        Path group = hierarchy.resolve(directory.getFileName());
        if (Files.exists(group)) {
          left.add("control group " + group);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return left;
  }

  /** A file of a process below {@code /proc}; empty for what is gone. */
  private static String told(ProcessHandle process, String file) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), file));
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException _) {
      return "";
    }
  }
}
