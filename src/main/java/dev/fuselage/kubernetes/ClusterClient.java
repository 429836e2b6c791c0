package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The way to the API server, for everything that speaks with it. Nothing is asked until somebody
 * asks, so that it is made whether the server is there or not. A request fails after some seconds
 * and is not repeated: who made it does, later and later.
 */
public final class ClusterClient implements AutoCloseable {
  private static final Duration TO_CONNECT = Duration.ofSeconds(5);
  private static final Duration TO_ANSWER = Duration.ofSeconds(10);

  private final KubernetesClient client;

  private ClusterClient(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Makes a client.
   *
   * @param kubeconfig a file that says where the server is and who we are; empty for the service
   *     account of the pod
   * @param environment of the process, which says whether it is in a pod
   * @param userAgent what the server's logs call us
   * @throws IllegalArgumentException if neither is there
   */
  public static ClusterClient of(
      Optional<Path> kubeconfig, Map<String, String> environment, String userAgent) {
    Config reachable =
        kubeconfig.map(ClusterClient::configured).orElseGet(() -> inPod(environment));
    Config config =
        new ConfigBuilder(reachable)
            .withConnectionTimeout(Math.toIntExact(TO_CONNECT.toMillis()))
            .withRequestTimeout(Math.toIntExact(TO_ANSWER.toMillis()))
            .withRequestRetryBackoffLimit(0)
            .withUserAgent(userAgent)
            .build();
    return new ClusterClient(
        new KubernetesClientBuilder()
            .withConfig(config)
            .withHttpClientFactory(new JdkHttpClientFactory())
            .build());
  }

  private static Config configured(Path kubeconfig) {
    if (!Files.isReadable(kubeconfig)) {
      throw new IllegalArgumentException(
          "fuselage.kubernetes.kubeconfig is %s, which can't be read".formatted(kubeconfig));
    }
    return Config.fromKubeconfig(kubeconfig.toFile());
  }

  private static Config inPod(Map<String, String> environment) {
    ServiceAccount account =
        ServiceAccount.of(environment)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "fuselage.kubernetes.enabled is true, but this is no pod with a service"
                            + " account: set fuselage.kubernetes.kubeconfig"));
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(account.url())
        .withCaCertFile(account.authority().toString())
        .withOauthTokenProvider(account.tokens())
        .build();
  }

  /** Speaks with the server; a failure is a {@code KubernetesClientException}. */
  public KubernetesClient client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
  }
}
