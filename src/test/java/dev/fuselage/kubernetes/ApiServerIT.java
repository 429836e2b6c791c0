package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What our definitions ask of a real server, and our client of its certificate. */
final class ApiServerIT {
  private final ApiServer server = ApiServer.shared();

  @Test
  void theClientReachesItByAKubeconfig() {
    try (ClusterClient cluster = server.client(ApiServer.ADMIN)) {
      assertThat(cluster.client().namespaces().withName("default").get()).isNotNull();
    }
  }

  @Test
  void whoHasNoRoleIsRefused() {
    try (Account nobody = server.account("nobody", List.of())) {
      assertThatExceptionOfType(KubernetesClientException.class)
          .isThrownBy(() -> nobody.cluster().client().nodes().list())
          .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(403));
    }
  }

  @Test
  void aFuselageNodeIsKnownByItsShortNameAndExplained() {
    server.apply(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageNode
        metadata: {name: explained}
        """);

    assertThat(server.kubectl("get", "fsn", "explained"))
        .contains("READY", "DRIVER", "USED", "FREE", "SNAPSHOTS", "UNCLAIMED", "TOP POD", "AGE");
    assertThat(server.kubectl("explain", "fsn.status.topPods")).contains("wrote most");
    server.kubectl("delete", "fsn", "explained");
  }
}
