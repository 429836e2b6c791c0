package dev.fuselage.grpc;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One call, from its headers until its stream is closed and nobody works for it: a client that goes
 * away does not end the work at once, and a reply is not at once on its way.
 */
final class TracedCall extends ServerStreamTracer {
  private static final Context.Key<TracedCall> KEY = Context.key("dev.fuselage.call");

  private final Calls calls;
  private final String name;
  private final long start = System.nanoTime();
  private final AtomicInteger holders = new AtomicInteger(1);
  private volatile boolean answered;
  private volatile Status.Code code = Status.Code.OK;

  TracedCall(Calls calls, String name) {
    this.calls = calls;
    this.name = name;
  }

  /** The one that the current {@link Context} is of. */
  static TracedCall current() {
    return Objects.requireNonNull(KEY.get(), "not in a call");
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  String name() {
    return name;
  }

  /** The service stops, and should not begin with this one. */
  boolean refused() {
    return calls.refusing();
  }

  /** Whoever answers logs; this keeps the end of the stream from being logged too. */
  void answered() {
    answered = true;
  }

  void hold() {
    holders.incrementAndGet();
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      calls.finished(name, code.name(), Duration.ofNanos(System.nanoTime() - start));
    }
  }

  @Override
  public void streamClosed(Status status) {
    code = status.getCode();
    boolean nobodyWillAnswer = !answered && holders.get() == 1;
    if (!status.isOk() && nobodyWillAnswer) {
      CallLog.failed(
          name,
          "",
          status.getCode(),
          Objects.requireNonNullElse(status.getDescription(), "the client is gone"));
    }
    release();
  }
}
