package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterClientTest {
  @Test
  void outsideOfAPodItIsToldWhatToSet() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClusterClient.of(Optional.empty(), Map.of(), "test"))
        .withMessageContaining("set fuselage.kubernetes.kubeconfig");
  }

  @Test
  void aKubeconfigThatIsMissingIsNamed(@TempDir Path directory) {
    Path missing = directory.resolve("config");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClusterClient.of(Optional.of(missing), Map.of(), "test"))
        .withMessageContaining(missing.toString());
  }

  @Test
  void itIsMadeWithoutAServerAndFailsWhenAsked(@TempDir Path directory) throws IOException {
    Path kubeconfig =
        Files.writeString(
            directory.resolve("config"),
            """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test}}]
            clusters: [{name: test, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: test, user: {token: secret}}]
            """);

    try (ClusterClient cluster = ClusterClient.of(Optional.of(kubeconfig), Map.of(), "test")) {
      assertThat(cluster.client().getConfiguration().getRequestRetryBackoffLimit()).isZero();
      assertThatExceptionOfType(KubernetesClientException.class)
          .isThrownBy(() -> cluster.client().nodes().withName("node").get());
    }
  }
}
