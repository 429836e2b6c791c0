package dev.fuselage.kubernetes;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the API server has been asked for, by its own metrics, since it began.
 *
 * @param seconds since a moment of the past when this was looked at, or since an earlier look
 * @param requests by verb and resource
 * @param answered bytes of answers, likewise
 * @param serverSeconds of CPU that the API server took
 * @param etcdSeconds of CPU that etcd took
 * @param serverBytes that the API server has resident
 */
public record ServerLoad(
    double seconds,
    Map<String, Double> requests,
    Map<String, Double> answered,
    double serverSeconds,
    double etcdSeconds,
    double serverBytes) {
  private static final Set<String> OURS =
      Set.of("fuselagenodes", "fuselagemaintenances", "nodes", "leases", "events");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)(?:\\{(.*)\\})? (\\S+)$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** As it is now. */
  public static ServerLoad of(ApiServer server) {
    Map<String, Double> requests = new TreeMap<>();
    Map<String, Double> answered = new TreeMap<>();
    double cpu = 0;
    double bytes = 0;
    Matcher sample = SAMPLE.matcher(server.kubectl("get", "--raw", "/metrics"));
    double now = System.nanoTime() / 1e9;
    while (sample.find()) {
      String value = sample.group(3);
      switch (sample.group(1)) {
        case "apiserver_request_total" -> add(requests, sample.group(2), Double.parseDouble(value));
        case "apiserver_response_sizes_sum" ->
            add(answered, sample.group(2), Double.parseDouble(value));
        case "process_cpu_seconds_total" -> cpu = Double.parseDouble(value);
        case "process_resident_memory_bytes" -> bytes = Double.parseDouble(value);
        default -> {}
      }
    }
    return new ServerLoad(now, requests, answered, cpu, etcdSeconds(server), bytes);
  }

  private static double etcdSeconds(ApiServer server) {
    Matcher sample = SAMPLE.matcher(server.etcdMetrics());
    while (sample.find()) {
      if (sample.group(1).equals("process_cpu_seconds_total")) {
        return Double.parseDouble(sample.group(3));
      }
    }
    throw new AssertionError("etcd does not tell its CPU time");
  }

  private static void add(Map<String, Double> sums, String labels, double value) {
    Map<String, String> by = new TreeMap<>();
    Matcher label = LABEL.matcher(labels);
    while (label.find()) {
      by.put(label.group(1), label.group(2));
    }
    String resource = by.getOrDefault("resource", "");
    if (OURS.contains(resource)) {
      String part = by.getOrDefault("subresource", "");
      sums.merge(
          by.getOrDefault("verb", "").toLowerCase(Locale.ROOT)
              + " "
              + (part.isEmpty() ? resource : resource + "/" + part),
          value,
          Double::sum);
    }
  }

  /** What came since an earlier look. */
  public ServerLoad since(ServerLoad before) {
    return new ServerLoad(
        seconds - before.seconds,
        difference(requests, before.requests),
        difference(answered, before.answered),
        serverSeconds - before.serverSeconds,
        etcdSeconds - before.etcdSeconds,
        serverBytes);
  }

  private static Map<String, Double> difference(
      Map<String, Double> now, Map<String, Double> before) {
    Map<String, Double> difference = new TreeMap<>();
    now.forEach(
        (key, value) -> {
          double more = value - before.getOrDefault(key, 0.0);
          if (more > 0) {
            difference.put(key, more);
          }
        });
    return difference;
  }

  /** Of all requests. */
  public double total() {
    return requests.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Of all answers. */
  public double answeredBytes() {
    return answered.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** As a table of Markdown, for each second. */
  public String table() {
    StringBuilder table =
        new StringBuilder("| Request | a second | bytes of answers a second |\n|---|---|---|\n");
    requests.forEach(
        (key, count) ->
            table.append(
                "| %s | %.2f | %.0f |%n"
                    .formatted(key, count / seconds, answered.getOrDefault(key, 0.0) / seconds)));
    return table
        .append("| all | %.1f | %.0f |%n".formatted(total() / seconds, answeredBytes() / seconds))
        .append(
            "%nCPU: kube-apiserver %.0f %% of a core, etcd %.0f %%; kube-apiserver %.0f MB resident%n"
                .formatted(
                    100 * serverSeconds / seconds, 100 * etcdSeconds / seconds, serverBytes / 1e6))
        .toString();
  }
}
