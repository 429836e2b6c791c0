package dev.fuselage.observability;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What health checks say together, in the JSON of MicroProfile Health.
 *
 * @param up whether all are
 */
record HealthReport(boolean up, String json) {
  private static final JsonFactory JSON = new JsonFactory();

  static HealthReport of(List<HealthCheck> checks) {
    StringWriter text = new StringWriter();
    boolean up = true;
    try (JsonGenerator generator = JSON.createGenerator(text).useDefaultPrettyPrinter()) {
      generator.writeStartObject();
      generator.writeArrayFieldStart("checks");
      for (HealthCheck check : checks) {
        HealthCheck.Health health = check.health();
        up &= health.up();
        generator.writeStartObject();
        generator.writeStringField("name", check.name());
        generator.writeStringField("status", status(health.up()));
        generator.writeObjectFieldStart("data");
        generator.writeStringField("detail", health.detail());
        generator.writeEndObject();
        generator.writeEndObject();
      }
      generator.writeEndArray();
      generator.writeStringField("status", status(up));
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory does not fail", e);
    }
    return new HealthReport(up, text + "\n");
  }

  private static String status(boolean up) {
    return up ? "UP" : "DOWN";
  }
}
