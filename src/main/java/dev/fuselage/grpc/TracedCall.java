package dev.fuselage.grpc;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One call, from its headers until its stream is closed and nobody works for it: a client that goes
 * away does not end the work at once, and a reply is not at once on its way.
 */
final class TracedCall extends ServerStreamTracer {
  private static final Context.Key<TracedCall> KEY = Context.key("dev.fuselage.call");

  /**
   * Of the stack of a thread that does not come on: enough to see through wrappers to the cause.
   */
  private static final int STEPS_TOLD = 8;

  private final Calls calls;
  private final String name;
  private final long start = System.nanoTime();
  private final AtomicInteger holders = new AtomicInteger(1);
  private final AtomicBoolean finished = new AtomicBoolean();
  private volatile String key = "";

  /** On the clock of {@link System#nanoTime}; 0 while nothing is done for the call. */
  private volatile long busySince;

  private volatile @Nullable Thread worker;

  /** Nanoseconds. Written by one thread at a time; its release lets the last one see them. */
  private long queued;

  private long worked;
  private long workingSince;
  private volatile String seenAt = "";
  private volatile Optional<Status.Code> answer = Optional.empty();
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

  /** The service stops, and has waited long enough for this one; not at all for one that lasts. */
  boolean abandoned() {
    return calls.abandoning() || (calls.refusing() && Calls.isAdmin(name));
  }

  /** Whoever answers logs it too. */
  void answered(Status.Code answered) {
    answer = Optional.of(answered);
  }

  /** Something is to be done for this call as soon as a thread is free. */
  void waits(String about) {
    key = about;
    busySince = System.nanoTime();
  }

  void works(Thread thread) {
    long now = System.nanoTime();
    queued = queued + now - busySince;
    workingSince = now;
    worker = thread;
  }

  /** Nothing is done for this call, until its client does something. */
  void rests() {
    if (worker != null) {
      worked = worked + System.nanoTime() - workingSince;
    }
    busySince = 0;
    worker = null;
  }

  /** What is done for this call, if that lasts for so long already. */
  Optional<CallUnderWay> busyFor(Duration limit) {
    long since = busySince;
    Duration busy = Duration.ofNanos(since == 0 ? 0 : System.nanoTime() - since);
    if (since == 0 || busy.compareTo(limit) < 0) {
      return Optional.empty();
    }
    String where = where(worker);
    seenAt = where;
    return Optional.of(new CallUnderWay(name, key, busy, where));
  }

  private static String where(@Nullable Thread thread) {
    if (thread == null) {
      return "waiting for a free thread";
    }
    StackTraceElement[] stack = thread.getStackTrace();
    StringJoiner steps = new StringJoiner(", called by ", "in ", "");
    for (int i = 0; i < Math.min(stack.length, STEPS_TOLD); i++) {
      steps.add(stack[i].getClassName() + "." + stack[i].getMethodName());
    }
    return steps.toString();
  }

  /** Somebody works for this call. */
  void hold() {
    holders.incrementAndGet();
  }

  void release() {
    if (holders.decrementAndGet() == 0 && finished.compareAndSet(false, true)) {
      calls.finished(
          this,
          new FinishedCall(
              name,
              code.name(),
              key,
              Duration.ofNanos(System.nanoTime() - start),
              Duration.ofNanos(queued),
              Duration.ofNanos(worked),
              seenAt));
    }
  }

  @Override
  public void streamClosed(Status status) {
    code = answer.orElseGet(() -> unanswered(status.getCode()));
    boolean nobodyWillAnswer = answer.isEmpty() && holders.get() == 1;
    if (nobodyWillAnswer) {
      CallLog.failed(
          name,
          "",
          code,
          Objects.requireNonNullElse(status.getDescription(), "the client is gone"));
    }
    release();
  }

  /**
   * The transport's reasons, of which a lost connection is UNAVAILABLE to it and CANCELLED to us.
   */
  private static Status.Code unanswered(Status.Code reason) {
    return switch (reason) {
      case RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, INTERNAL -> reason;
      default -> Status.Code.CANCELLED;
    };
  }
}
