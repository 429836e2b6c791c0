package dev.fuselage.tracing;

import dev.fuselage.snapshot.Stages;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Traces of calls, sent to a collector by OTLP over HTTP. Spans that the collector does not take in
 * time are dropped: no call waits for it.
 */
public final class Tracing implements AutoCloseable {
  private static final Duration TO_SEND = Duration.ofSeconds(5);
  private static final Duration TO_END = Duration.ofSeconds(2);

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /**
   * Where to send traces, and which.
   *
   * @param endpoint of a collector, such as {@code http://127.0.0.1:4318/v1/traces}
   * @param ratio of the calls whose caller did not decide, from 0 to 1
   * @param resource what they come from, by OpenTelemetry's names
   */
  public record Settings(URI endpoint, double ratio, Map<String, String> resource) {
    public Settings {
      if (!"http".equals(endpoint.getScheme()) && !"https".equals(endpoint.getScheme())) {
        throw new IllegalArgumentException(
            "fuselage.traces.endpoint is %s: write it as http://HOST:4318/v1/traces"
                .formatted(endpoint));
      }
      if (!(ratio >= 0 && ratio <= 1)) {
        throw new IllegalArgumentException(
            "fuselage.traces.ratio is %s: it is a number from 0 to 1".formatted(ratio));
      }
      resource = Map.copyOf(resource);
    }
  }

  Tracing(SpanProcessor processor, double ratio, Map<String, String> resource) {
    AttributesBuilder attributes = Attributes.builder();
    resource.forEach(attributes::put);
    provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(processor)
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(ratio)))
            .setResource(Resource.create(attributes.build()))
            .build();
    tracer = provider.get("dev.fuselage");
  }

  /** Begins, whether the collector is there or not. */
  public static Tracing begin(Settings settings) {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.endpoint().toString())
            .setTimeout(TO_SEND)
            .build();
    return new Tracing(
        BatchSpanProcessor.builder(exporter).build(), settings.ratio(), settings.resource());
  }

  /** Has each call that it sees leave a span. */
  public ServerInterceptor interceptor() {
    return new CallSpans(tracer);
  }

  /** Spans of a call's parts, below that of the call which the current thread works for. */
  public Stages stages() {
    return part -> {
      Context call = CallSpans.CURRENT.get();
      return call == null
          ? Stages.NONE.begin(part)
          : tracer.spanBuilder(part.label()).setParent(call).startSpan()::end;
    };
  }

  /** Sends what is left, for a moment at most. */
  @Override
  public void close() {
    var unused = provider.shutdown().join(TO_END.toMillis(), TimeUnit.MILLISECONDS);
  }
}
