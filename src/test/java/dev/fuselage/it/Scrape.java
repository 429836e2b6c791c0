package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;

/**
 * What a service's {@code /metrics} said at one time.
 *
 * @param series its lines but comments
 */
record Scrape(List<String> series) {
  /** Scrapes a service once. */
  static Scrape of(Service service) throws Exception {
    return new Scrape(
        text(service.managementAddress()).lines().filter(line -> !line.startsWith("#")).toList());
  }

  /** The same as it came. */
  static String text(URI management) throws Exception {
    return get(management.resolve("/metrics"));
  }

  /** The body of an answer. */
  static String get(URI address) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as("status of %s", address).isEqualTo(200);
      return answer.body();
    }
  }

  /**
   * The values of a family's series that have some labels, added up; 0 if none has.
   *
   * @param labels what each is to have in its braces, as {@code kind="pod"} or a part of it
   */
  double sum(String family, String... labels) {
    return series.stream()
        .filter(line -> line.startsWith(family + "{") || line.startsWith(family + " "))
        .filter(line -> Arrays.stream(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
