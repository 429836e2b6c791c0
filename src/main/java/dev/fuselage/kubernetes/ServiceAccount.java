package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the kubelet gives a pod to reach the API server.
 *
 * @param url of the API server
 * @param directory of the token, which is renewed there, and of the API server's authority
 */
record ServiceAccount(String url, Path directory) {
  private static final Path MOUNTED = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  /** By the environment of a pod; empty outside of one. */
  static Optional<ServiceAccount> of(Map<String, String> environment) {
    Optional<String> host = value(environment, "KUBERNETES_SERVICE_HOST");
    Optional<String> port = value(environment, "KUBERNETES_SERVICE_PORT");
    return host.flatMap(
        name ->
            port.map(
                number ->
                    new ServiceAccount(
                        "https://%s:%s"
                            .formatted(name.contains(":") ? "[" + name + "]" : name, number),
                        MOUNTED)));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
  }

  Path authority() {
    return directory.resolve("ca.crt");
  }

  /** Reads the token at each request: it is short-lived, and a file of it is read in no time. */
  OAuthTokenProvider tokens() {
    Path file = directory.resolve("token");
    return () -> {
      try {
        return Files.readString(file).strip();
      } catch (IOException e) {
        throw new UncheckedIOException("the service account's token can't be read", e);
      }
    };
  }
}
