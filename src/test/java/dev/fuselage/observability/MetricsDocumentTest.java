package dev.fuselage.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Makes docs/metrics.md of the list of metrics, and fails where the file is another one. */
class MetricsDocumentTest {
  private static final Path DOCUMENT = Path.of("docs", "metrics.md");

  private static final String HEAD =
      """
      # Metrics

      Served as Prometheus' text at `/metrics` of the [management port](configuration.md#keys).
      Bytes are allocated ones, as `du` counts them. The disk is measured in the background, so metrics of it
      are as old as `fuselage_measurement_age_seconds` says. The number of series is bounded: of pods, images,
      containers and snapshots the largest are named and the rest is summed as `other`; series of what is gone
      disappear. A label longer than 200 characters is cut, and ends by a number of its own.

      What the trash, the reaper, verification and quarantine are is told in [administration](admin.md).

      This page is made of the code by `mvn test -Dtest=MetricsDocumentTest -Dfuselage.write-documents=true`, and
      the build fails where it is stale.

      | Metric | Type | Labels | Means |
      |---|---|---|---|
      """;

  @Test
  void theDocumentListsEveryMetric() throws IOException {
    StringBuilder document = new StringBuilder(HEAD);
    for (Family family : Family.values()) {
      document.append(
          "| `%s` | %s | %s | %s |%n"
              .formatted(
                  family.metric(),
                  family.type().name().toLowerCase(Locale.ROOT),
                  family.labels().isEmpty() ? "" : "`" + String.join("`, `", family.labels()) + "`",
                  family.help()));
    }
    if (Boolean.getBoolean("fuselage.write-documents")) {
      Files.writeString(DOCUMENT, document);
    }

    assertThat(DOCUMENT).hasContent(document.toString());
  }
}
