package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the whole service does when {@code kubectl} asks it to. */
class MaintainedNodeIT {
  private static final String NODE = "maintained";

  private final ApiServer server = ApiServer.shared();

  @RegisterExtension private final Workspace workspace = new Workspace();

  @AfterEach
  void tidy() {
    server.kubectl("delete", "--ignore-not-found", "fsm/whole");
    server.deleteNodes(NODE);
    server.kubectl("delete", "leases", "--all", "--namespace", "default");
  }

  @Test
  void eachOperationIsDoneOnTheRealStore() {
    server.makeNode(NODE);
    try (Service service =
            Installation.in(workspace.path(), workspace, Parts.launcher())
                .with("FUSELAGE_KUBERNETES_ENABLED", "true")
                .with("FUSELAGE_KUBERNETES_NODE", NODE)
                .with("FUSELAGE_KUBERNETES_NAMESPACE", "default")
                .with(
                    "FUSELAGE_KUBERNETES_KUBECONFIG", server.kubeconfig(ApiServer.ADMIN).toString())
                .start();
        SnapshotterClient client = service.client()) {
      client.prepare(Call.PATIENT, "default/1/container", "", Labels.NONE);

      Awaitility.await()
          .atMost(Place.PATIENCE)
          .until(() -> server.tryKubectl("get", "fsn", NODE).isPresent());
      server.apply(
          """
          apiVersion: fuselage.dev/v1alpha1
          kind: FuselageMaintenance
          metadata: {name: whole}
          spec: {operations: [Backup, Cleanup, Verify, Compact], nodes: [%s]}
          """
              .formatted(NODE));

      server.kubectl("wait", "--for=condition=Complete", "fsm/whole", "--timeout=120s");

      assertThat(
              server.kubectl(
                  "get", "fsm", "whole", "-o", "jsonpath={.status.nodes[0].results[*].message}"))
          .contains("backup 1 of", "deleted 0 trees", "looked at 1 snapshots", "compacted");
    }
  }
}
