package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceAccountTest {
  @Test
  void thereIsNoneOutsideOfAPod() {
    assertThat(ServiceAccount.of(Map.of("KUBERNETES_SERVICE_HOST", "", "HOME", "/root"))).isEmpty();
  }

  @Test
  void theEnvironmentOfAPodSaysWhereTheServerIs() {
    assertThat(
            ServiceAccount.of(
                Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443")))
        .map(ServiceAccount::url)
        .hasValue("https://10.96.0.1:443");
  }

  @Test
  void anAddressOfVersion6IsBracketed() {
    assertThat(
            ServiceAccount.of(
                Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "443")))
        .map(ServiceAccount::url)
        .hasValue("https://[fd00::1]:443");
  }

  @Test
  void aRenewedTokenIsUsedAtOnce(@TempDir Path directory) throws IOException {
    OAuthTokenProvider tokens = new ServiceAccount("https://h:1", directory).tokens();
    Files.writeString(directory.resolve("token"), "first\n");
    assertThat(tokens.getToken()).isEqualTo("first");

    Files.writeString(directory.resolve("token"), "second\n");

    assertThat(tokens.getToken()).isEqualTo("second");
  }
}
