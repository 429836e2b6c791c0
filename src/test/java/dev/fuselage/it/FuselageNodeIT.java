package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the whole service tells a real API server. */
class FuselageNodeIT {
  private static final String NODE = "whole";
  private static final String CONDITIONS =
      "jsonpath={range .status.conditions[*]}{.type}={.status} {.reason}{\"\\n\"}{end}";

  private final ApiServer server = ApiServer.shared();

  @RegisterExtension private final Workspace workspace = new Workspace();

  private Installation fuselage() {
    return Installation.in(workspace.path(), workspace, Parts.launcher())
        .with("FUSELAGE_KUBERNETES_ENABLED", "true")
        .with("FUSELAGE_KUBERNETES_NODE", NODE)
        .with("FUSELAGE_KUBERNETES_KUBECONFIG", server.kubeconfig(ApiServer.ADMIN).toString())
        .with("FUSELAGE_USAGE_INTERVAL", "1s");
  }

  private String get(String template) {
    return server.tryKubectl("get", "fsn", NODE, "-o", template).orElse("");
  }

  @Test
  void aNodeThatServesIsReadyAndOneThatWasStoppedIsNot() {
    server.makeNode(NODE);
    // Before, so that it is there when the disk is first measured: sizes alone are told rarely.
    try (Service before = fuselage().start();
        SnapshotterClient client = before.client()) {
      client.prepare(Call.PATIENT, "default/1/container", "", Labels.NONE);
      assertThat(before.stop()).as(before.log()).isZero();
    }
    try (Service service = fuselage().start()) {
      Awaitility.await()
          .atMost(Place.PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(get(CONDITIONS))
                      .isEqualTo(
                          """
                          Ready=True Serving
                          StoreHealthy=True Healthy
                          DiskPressure=False EnoughSpace
                          ReclaimBacklog=False UpToDate
                          Damaged=False Sound
                          ContainerdConfigured=Unknown NotTold
                          RestartDue=False NotYet
                          """));
      assertThat(get("jsonpath={.status.driver} {.status.root}"))
          .isEqualTo("fuse-overlayfs " + workspace.resolve("root"));
      assertThat(get("jsonpath={.status.versions.fuseOverlayfs}")).matches("\\d+\\.\\d+(\\.\\d+)?");
      Awaitility.await()
          .atMost(Place.PATIENCE)
          .untilAsserted(() -> assertThat(get("jsonpath={.status.snapshots}")).isEqualTo("1"));

      assertThat(service.stop()).as(service.log()).isZero();

      assertThat(get(CONDITIONS)).startsWith("Ready=False Stopped");
    } finally {
      server.deleteNodes(NODE);
    }
  }

  @Test
  void withoutAnApiServerItServesAllTheSame() throws IOException {
    Path kubeconfig =
        Files.writeString(
            workspace.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test}}]
            clusters: [{name: test, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: test, user: {token: secret}}]
            """);
    Installation alone = fuselage().with("FUSELAGE_KUBERNETES_KUBECONFIG", kubeconfig.toString());
    try (Service service = alone.start();
        SnapshotterClient client = service.client()) {
      client.prepare(Call.PATIENT, "default/1/container", "", Labels.NONE);
      Awaitility.await()
          .atMost(Place.PATIENCE)
          .until(() -> service.log().contains("the FuselageNode can't be written"));

      assertThat(service.stop()).as(service.log()).isZero();
    }
  }
}
