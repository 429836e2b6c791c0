package dev.fuselage.tracing;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A span for each call, below the caller's if it sent one (containerd does from 2.3 on). Names and
 * attributes are those of OpenTelemetry's semantic conventions for gRPC.
 */
final class CallSpans implements ServerInterceptor {
  /** The span of the call that a thread works for, and what it is below. */
  static final Context.Key<io.opentelemetry.context.Context> CURRENT =
      Context.key("dev.fuselage.span");

  private static final String KEY = "containerd.snapshot.key";

  private final Tracer tracer;

  CallSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    io.opentelemetry.context.Context callers =
        W3CTraceContextPropagator.getInstance()
            .extract(io.opentelemetry.context.Context.root(), headers, Headers.GETTER);
    Span span = begin(call.getMethodDescriptor(), callers);
    if (!span.getSpanContext().isSampled()) {
      return next.startCall(call, headers);
    }
    Context context =
        Subject.listening(
            Context.current().withValue(CURRENT, callers.with(span)),
            key -> span.setAttribute(KEY, key));
    ServerCall<Q, R> told =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            end(span, status);
            super.close(status, trailers);
          }
        };
    return new SimpleForwardingServerCallListener<>(
        Contexts.interceptCall(context, told, headers, next)) {
      @Override
      public void onCancel() {
        end(span, Status.CANCELLED);
        super.onCancel();
      }
    };
  }

  private Span begin(MethodDescriptor<?, ?> method, io.opentelemetry.context.Context callers) {
    return tracer
        .spanBuilder(method.getFullMethodName())
        .setParent(callers)
        .setSpanKind(SpanKind.SERVER)
        .setAttribute("rpc.system", "grpc")
        .setAttribute("rpc.service", Objects.requireNonNullElse(method.getServiceName(), ""))
        .setAttribute("rpc.method", Objects.requireNonNullElse(method.getBareMethodName(), ""))
        .startSpan();
  }

  /** A span that has ended already does not mind. */
  private static void end(Span span, Status status) {
    span.setAttribute("rpc.grpc.status_code", (long) status.getCode().value());
    if (isOurs(status.getCode())) {
      span.setStatus(
          StatusCode.ERROR, Objects.requireNonNullElse(status.getDescription(), "no description"));
    }
    span.end();
  }

  /** Whether a failure is the server's, not its caller's. */
  private static boolean isOurs(Status.Code code) {
    return switch (code) {
      case UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS -> true;
      case OK,
          CANCELLED,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNAUTHENTICATED ->
          false;
    };
  }

  /** gRPC's headers as OpenTelemetry reads them. */
  private enum Headers implements TextMapGetter<Metadata> {
    GETTER;

    @Override
    public Iterable<String> keys(Metadata headers) {
      return headers.keys();
    }

    @Override
    public @Nullable String get(@Nullable Metadata headers, String name) {
      return headers == null
          ? null
          : headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
  }
}
