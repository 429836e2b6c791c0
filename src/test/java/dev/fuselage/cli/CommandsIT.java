package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.Needs;
import dev.fuselage.cli.Distribution.Result;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The commands of the distribution against its own service. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String BASE = "sha256:base";
  private static final String CONTAINER = "k8s.io/7/container one";

  private Distribution distribution = new Distribution(Path.of(""), Path.of(""), Path.of(""));
  private Optional<Process> service = Optional.empty();

  @BeforeAll
  void serveTwoLayersAndAContainer(@TempDir Path directory) throws IOException {
    Path launcher = Distribution.builtLauncher();
    Needs.that(Files.isExecutable(launcher), "needs the distribution; `make dist` builds it");
    distribution =
        new Distribution(launcher, directory.resolve("root"), directory.resolve("fuselage.sock"));
    Path log = directory.resolve("serve.log");
    Process process = distribution.serve(log);
    service = Optional.of(process);
    await()
        .atMost(PATIENCE)
        .failFast(
            "serve ended",
            () -> {
              assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            })
        .until(() -> Files.exists(distribution.socket()));
    try (SnapshotterClient client = SnapshotterClient.connect(distribution.socket(), PATIENCE)) {
      layer(client, "", BASE);
      layer(client, BASE, "sha256:top");
      client.prepare(Call.PATIENT, CONTAINER, "sha256:top", Labels.of(Map.of("a", "b")));
      client.view(Call.PATIENT, "view", BASE, Labels.NONE);
    }
  }

  private static void layer(Snapshotter snapshotter, String parent, String name) {
    String key = "extract " + name;
    snapshotter.prepare(Call.PATIENT, key, parent, Labels.NONE);
    snapshotter.commit(Call.PATIENT, name, key, Optional.empty(), Labels.NONE);
  }

  @AfterAll
  void stopServing() throws InterruptedException {
    if (service.isPresent()) {
      Process process = service.get();
      process.destroy();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void listsForAScript() throws Exception {
    Result result = distribution.run("ls", "--no-headers");

    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    assertThat(result.out().lines())
        .extracting(line -> List.of(line.split("\t", -1)).subList(0, 3))
        .containsExactly(
            List.of("active", CONTAINER, "sha256:top"),
            List.of("committed", BASE, "-"),
            List.of("committed", "sha256:top", BASE),
            List.of("view", "view", BASE));
  }

  @Test
  void filtersInTheService() throws Exception {
    Result result = distribution.run("ls", "-o", "json", "--filter", "labels.a==b");
    List<Map<String, Object>> documents = new Yaml().load(result.out());

    assertThat(documents)
        .hasSize(1)
        .allSatisfy(it -> assertThat(it).containsEntry("key", CONTAINER));
    assertThat(distribution.run("ls", "--filter", "==").exitCode())
        .isEqualTo(ExitCode.USAGE.code());
  }

  @Test
  void showsTheTree() throws Exception {
    Result result = distribution.run("tree");

    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines().map(line -> line.substring(line.lastIndexOf('\t') + 1)))
        .containsExactly(
            "SNAPSHOT", "`-o " + BASE, "  |-o sha256:top", "  | * " + CONTAINER, "  `-= view");
  }

  @Test
  void inspectsAContainersSnapshot() throws Exception {
    Result result = distribution.run("inspect", CONTAINER);

    Map<String, Object> document = new Yaml().load(result.out());
    assertThat(document)
        .containsEntry("kind", "active")
        .containsEntry("parent", "sha256:top")
        .containsEntry("labels", Map.of("a", "b"))
        .containsEntry("children", List.of());
    assertThat(result.out())
        .contains("type: fuse3.fuse-overlayfs", "lowerdir=" + distribution.root());
  }

  @Test
  void namesTheChildrenOfALayer() throws Exception {
    Map<String, Object> document = new Yaml().load(distribution.run("inspect", BASE).out());

    assertThat(document)
        .containsEntry("children", List.of("sha256:top", "view"))
        .containsEntry("mounts", List.of());
  }

  @Test
  void tellsTheUsageOfAContainer() throws Exception {
    assertThat(distribution.run("usage", CONTAINER).out()).matches("SIZE\tINODES\n\\S+B\t1\n");
    assertThat(distribution.run("usage", "nobody").exitCode()).isEqualTo(ExitCode.NOT_FOUND.code());
  }

  @Test
  void findsAHealthyRootHealthy() throws Exception {
    Result result = distribution.run("verify");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo("4 snapshots and 2 entries looked at: 0 damages, 0 notes.\n");
    assertThat(result.exitCode()).isZero();
    assertThat(distribution.run("quarantine", "ls")).isEqualTo(new Result(0, "", ""));
  }

  @Test
  void saysOfWhichLayersTheContentsAreNotKnown() throws Exception {
    Result result = distribution.run("verify", "--contents");

    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines())
        .hasSize(3)
        .allMatch(
            line ->
                line.endsWith("its contents were not read at its commit")
                    || line.equals("4 snapshots and 2 entries looked at: 0 damages, 2 notes."));
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void deletesWhatWasRemoved() throws Exception {
    try (SnapshotterClient client = SnapshotterClient.connect(distribution.socket(), PATIENCE)) {
      client.prepare(Call.PATIENT, "removed", "", Labels.NONE);
      client.remove(Call.PATIENT, "removed");
    }

    Result result = distribution.run("cleanup", "--now", "--json");

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("\"treesLeft\": 0");
    assertThat(distribution.run("trash", "ls", "--json").out()).isEqualTo("[ ]\n");
  }

  @Test
  void tellsItsVersion() throws Exception {
    assertThat(distribution.run("version").out()).startsWith("Fuselage ").contains("\nJava 25");
  }

  @Test
  void endsQuietlyWhenItsReaderDoes() throws Exception {
    ProcessBuilder pipe =
        distribution.environment(
            new ProcessBuilder(
                "bash",
                "-c",
                "\"$0\" --help | true; echo ${PIPESTATUS[0]}",
                distribution.launcher().toString()));

    assertThat(Distribution.run(pipe)).isEqualTo(new Result(0, "141\n", ""));
  }

  @Test
  void saysThatAnotherUserMayNotUseTheSocket() throws Exception {
    boolean root = "root".equals(System.getProperty("user.name"));
    Needs.that(root, "needs root, to become another user");
    ProcessBuilder other = distribution.command("ls");
    other
        .command()
        .addAll(0, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));

    Result result = Distribution.run(other);

    assertThat(result.err()).contains("may not use").hasLineCount(1);
    assertThat(result.exitCode()).isEqualTo(ExitCode.NOT_PERMITTED.code());
  }
}
