package dev.fuselage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.FuselageConfig;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Helm makes of the chart, without a cluster. */
class ChartIT {
  private static final Path KEPT = Path.of("src", "test", "resources", "chart");

  /** What the pod itself sets, or has no use for: it has a service account. */
  private static final Set<String> NO_VALUES =
      Set.of("kubernetes.node", "kubernetes.namespace", "kubernetes.kubeconfig");

  private static final Pattern HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])");

  private final Chart chart = new Chart();

  @Test
  void helmHasNothingToSayAgainstIt() {
    var unused = chart.helm("lint", "--strict", Chart.DIRECTORY.toString()).succeeded();
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void rendersWhatIsKept(Path values, Path kept) throws IOException {
    assertThat(chart.template("--values", values.toString()).succeeded().out())
        .as("`make manifests` renders %s anew", kept)
        .isEqualTo(Files.readString(kept));
  }

  /** The values, and where what they render is kept. */
  static List<Path[]> valueSets() throws IOException {
    try (Stream<Path> kept = Files.list(KEPT);
        Stream<Path> profiles = Files.list(Chart.DIRECTORY.resolve("profiles"))) {
      return Stream.concat(
              kept.filter(file -> file.toString().endsWith(".values.yaml"))
                  .map(file -> new Path[] {file, KEPT.resolve(name(file).replace(".values", ""))}),
              profiles.map(file -> new Path[] {file, KEPT.resolve("profile-" + name(file))}))
          .sorted((one, other) -> one[1].compareTo(other[1]))
          .toList();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  /** Values, and what is in the refusal. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          hostnetwork=true | additional properties 'hostnetwork' not allowed
          config.limits.dept=3 | at '/config/limits': additional properties 'dept' not allowed
          config.driver=overlay | value must be one of 'auto', 'fuse-overlayfs', 'overlayfs'
          config.limits.depth=many | at '/config/limits/depth': got string, want integer
          config.drain=soon | at '/config/drain': 'soon' does not match pattern
          config.root=data | at '/config/root': 'data' does not match pattern
          image.digest=latest | at '/image/digest': 'latest' does not match pattern
          updateStrategy.maxUnavailable=0 | at '/updateStrategy/maxUnavailable'
          resources.limits.memory=lots | at '/resources/limits/memory'
          hostNetwork=true,podMonitor.enabled=true | at '/podMonitor/enabled': value must be false
          config.root=/data/ | write it as /data, since
          config.socket=/run/fuselage.sock | give it one of its own
          config.socket=/run/containerd/f.sock | in containerd's own directory
          config.http.host=127.0.0.1 | the kubelet could not reach the probes there
          hostNetwork=true,config.http.host=0.0.0.0 | would read port 9750, past every NetworkPolicy
          hostNetwork=true,config.http.host=10.0.0.5,config.http.port=9000 | read port 9000
          podMonitor.enabled=true | name your Prometheus in networkPolicy.from
          config.containerd.install=default-snapshotter | set hostNetwork to true
          defaultSnapshotter=true | or to off if you configure containerd yourself
          config.containerd.socket= | which is asked for there
          config.containerd.drop-in=/etc/containerd/f.toml | give it a directory of its own
          config.containerd.drop-in=/etc/containerd/conf.d/f.conf | let its name end in .toml
          config.root=/run/fuselage | mounted into the pod twice, as root and as socket
          config.backup.directory=/run/fuselage | twice, as socket and as backups
          config.backup.directory=/var/lib/fuselage | the same as config.root
          config.drain=30s | the pod is killed after terminationGracePeriodSeconds=30
          config.drain=45 | config.drain is 45, but
          config.drain=1m | config.drain is 1m, but
          terminationGracePeriodSeconds=10 | config.drain is 10s, but
          config.kubernetes.evacuate=true,config.kubernetes.maintenance=false | nothing would evacuate
          serviceAccount.create=false | name the one to use
          """)
  void refusesWithASentence(String values, String sentence) {
    Output refusal = chart.template("--set", values);

    assertThat(refusal.isSuccess()).as(values).isFalse();
    assertThat(refusal.err()).contains(sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.drain=29999ms",
        "config.drain=1m,terminationGracePeriodSeconds=61",
        "config.backup.directory=/var/lib/fuselage/backups",
        "config.containerd.drop-in=/etc/containerd/conf.d/f.conf,config.containerd.install=off",
        "hostNetwork=true,config.http.host=::1",
        "hostNetwork=true,config.http.host=127.0.0.2",
        "hostNetwork=true,config.http.host=0.0.0.0,exposeOnNode=true,podMonitor.enabled=true",
        "affinity=null",
        "affinity=null,hostNetwork=true,config.containerd.install=default-snapshotter"
      })
  void letsThroughWhatCanWork(String values) {
    var unused = chart.template("--set", values).succeeded();
  }

  @Test
  void everySettingOfTheProgramIsASettingOfTheChart() {
    Map<String, Object> schema = Chart.read(Chart.DIRECTORY.resolve("values.schema.json"));
    Set<String> known = new TreeSet<>();
    collect(Chart.at(schema, "definitions", "config"), "", known);

    Set<String> settings = new TreeSet<>();
    collect(FuselageConfig.class, "", settings);

    assertThat(settings).containsAll(NO_VALUES);
    settings.removeAll(NO_VALUES);
    assertThat(known).isEqualTo(settings);
  }

  /** The names of leaves below a schema. */
  private static void collect(@Nullable Object schema, String before, Set<String> names) {
    if (Chart.at(schema, "properties") instanceof Map<?, ?> properties) {
      properties.forEach((name, property) -> collect(property, before + "." + name, names));
    } else {
      names.add(before.substring(1));
    }
  }

  private static void collect(Class<?> mapping, String before, Set<String> names) {
    for (Method method : mapping.getDeclaredMethods()) {
      String name =
          before + HUMP.matcher(method.getName()).replaceAll("-").toLowerCase(Locale.ROOT);
      if (method.getReturnType().getEnclosingClass() == FuselageConfig.class) {
        collect(method.getReturnType(), name + ".", names);
      } else {
        names.add(name);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "config.containerd.install=default-snapshotter, false",
    "'config.containerd.install=default-snapshotter,config.kubernetes.label=false', true",
    "'config.containerd.install=default-snapshotter,config.kubernetes.enabled=false', true",
    "config.containerd.install=runtime-class, false"
  })
  void itsNotesTellToLabelNodesWhereNobodyElseDoes(
      String values, boolean told, @TempDir Path scratch) throws IOException {
    String notes = chart.notes(scratch, "--set", "hostNetwork=true", "--set", values);

    assertThat(notes).contains("Then restart containerd, node by node");
    assertThat(notes.contains("kubectl label node NODE fuselage.dev/bootstrap=true"))
        .isEqualTo(told);
    assertThat(notes.contains("kubectl label node NODE fuselage.dev/ready=true"))
        .as("where the RuntimeClass asks for it, and the kubelet may tell of no handlers")
        .isEqualTo(!told);
    assertThat(notes.contains("fuselage.dev/bootstrap"))
        .isEqualTo(values.contains("default-snapshotter"));
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, true", "127.0.0.1, false"})
  void itsNotesTellWhatANodeShows(String host, boolean told, @TempDir Path scratch)
      throws IOException {
    String notes =
        chart.notes(
            scratch, "--set", "hostNetwork=true,exposeOnNode=true,config.http.host=" + host);

    assertThat(notes.contains("Whoever reaches a node reads names of pods and images at its port"))
        .isEqualTo(told);
  }

  /** A DaemonSet's controller does not look at what the RuntimeClass selects. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          runtimeClass.create=true | {fuselage.dev/bootstrap=true, kubernetes.io/os=linux}
          nodeSelector.disk=fast | {disk=fast, fuselage.dev/bootstrap=true, kubernetes.io/os=linux}
          nodeSelector=null | {fuselage.dev/bootstrap=true}
          """)
  void theBootstrapDaemonSetIsForLabelledNodesAlone(String values, String selector) {
    List<Map<String, Object>> objects =
        chart.objects(
            "--set=hostNetwork=true,config.containerd.install=default-snapshotter",
            "--set=" + values);

    assertThat(nodeSelector(objects, "fuselage-bootstrap")).hasToString(selector);
    assertThat(nodeSelector(objects, "fuselage")).doesNotContainKey("fuselage.dev/bootstrap");
  }

  private static Map<Object, Object> nodeSelector(
      List<Map<String, Object>> objects, String daemonSet) {
    Map<String, Object> found = Chart.object(objects, "DaemonSet", daemonSet).orElseThrow();
    return Chart.at(found, "spec", "template", "spec", "nodeSelector") instanceof Map<?, ?> selector
        ? new TreeMap<>(selector)
        : Map.of();
  }

  @Test
  void whatItTakesFromElsewhereIsTheSame() throws IOException {
    Path files = Chart.DIRECTORY.resolve("files");
    for (Path original :
        List.of(
            Path.of("deploy", "prometheus", "fuselage.rules.yaml"),
            Path.of("deploy", "grafana", "fleet.json"),
            Path.of("deploy", "grafana", "node.json"))) {
      assertThat(files.resolve(original.getFileName()))
          .as("`make manifests` copies it")
          .hasSameTextualContentAs(original);
    }
  }

  /** Kinds of the Prometheus operator are not Kubernetes' own. */
  @ParameterizedTest
  @ValueSource(strings = {"OLDEST_KUBERNETES_VERSION", "KUBERNETES_VERSION"})
  void whatItRendersIsLegalInTheOldestAndTheNewestKubernetes(String version) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                Chart.tool("kubeconform", "KUBECONFORM_VERSION").resolve("kubeconform").toString(),
                "-strict",
                "-summary",
                "-skip",
                "PodMonitor,PrometheusRule",
                "-schema-location",
                Chart.tool("api-schemas", version) + "/{{.ResourceKind}}{{.KindSuffix}}.json"));
    line.addAll(List.of("deploy/kubernetes", "deploy/k3s"));
    valueSets().forEach(set -> line.add(set[1].toString()));

    Output verdict = Output.of(new ProcessBuilder(line), "");

    assertThat(verdict.isSuccess()).as(verdict::toString).isTrue();
    assertThat(verdict.out()).doesNotContain("Valid: 0");
  }

  @Test
  void whatIsMadeOfTheChartForReadersIsFresh(@TempDir Path rendered) throws IOException {
    ProcessBuilder script = new ProcessBuilder("src/dev/sh/manifests.sh");
    script.environment().put("MANIFESTS", rendered.toString());
    var unused = Output.of(script, "").succeeded();

    for (String file :
        List.of(
            "deploy/kubernetes/fuselage.yaml",
            "deploy/k3s/fuselage.yaml",
            "docs/chart-values.md")) {
      assertThat(Path.of(file))
          .as("`make manifests` renders it anew")
          .hasSameTextualContentAs(rendered.resolve(file));
    }
  }

  @Test
  void hasTheVersionOfTheProgram() throws IOException {
    Map<String, Object> meta = Chart.read(Chart.DIRECTORY.resolve("Chart.yaml"));

    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("\n  <version>%s</version>".formatted(meta.get("version")));
    assertThat(meta.get("appVersion")).isEqualTo(meta.get("version"));
  }
}
