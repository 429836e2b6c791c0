package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What service accounts asked the API server for, by its own writing. */
public final class AuditLog {
  static final String POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived]
      rules:
        - {level: Metadata, userGroups: ["system:serviceaccounts"]}
        - {level: None}
      """;

  private final Path file;
  private final KubernetesSerialization json = new KubernetesSerialization();

  /**
   * A request that was answered.
   *
   * @param verb as the URL has it: an apply that makes something is a {@code patch}
   * @param resource with its subresource, as {@code nodes/status}
   * @param code of HTTP
   * @param message why it was refused; empty if it was not
   */
  public record Request(String verb, String resource, int code, String message) {
    /** Whether a role lacks something for it. */
    public boolean isForbidden() {
      return code == 403;
    }
  }

  AuditLog(Path file) {
    this.file = file;
  }

  /** What an account of that namespace asked for so far, in the order of the answers. */
  public List<Request> requests(String namespace) {
    String user = "\"username\":\"system:serviceaccount:%s:".formatted(namespace);
    try (Stream<String> lines = Files.lines(file)) {
      // The last line may not be whole yet.
      return lines
          .filter(line -> line.contains(user) && line.endsWith("}"))
          .map(line -> request(json.unmarshal(line, Map.class)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Request request(Map<?, ?> event) {
    Map<?, ?> object = map(event.get("objectRef"));
    Map<?, ?> status = map(event.get("responseStatus"));
    String resource = text(object.get("resource"));
    String part = text(object.get("subresource"));
    return new Request(
        text(event.get("verb")),
        part.isEmpty() ? resource : resource + "/" + part,
        status.get("code") instanceof Number code ? code.intValue() : 0,
        text(status.get("message")));
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static String text(@Nullable Object value) {
    return value instanceof String text ? text : "";
  }
}
