package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.tracing.Subject;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A method with one request and any number of responses. Each call holds a thread for as long as it
 * lasts, so that more than one response is for a few patient callers.
 *
 * @param key of the snapshot that a request is about, for the log
 */
record ServedMethod<Q, R>(Dispatcher dispatcher, Function<Q, String> key, Operation<Q, R> operation)
    implements ServerCallHandler<Received<Q>, R> {
  /** What is done for a request. */
  @FunctionalInterface
  interface Operation<Q, R> {
    /**
     * Sends the answers to a request.
     *
     * @throws SnapshotException if it can't be done, or not to its end
     */
    void run(Q request, Call call, Reply<R> reply);
  }

  /** An operation with one answer, which may throw as any. */
  static <Q, R> Operation<Q, R> answering(BiFunction<Q, Call, R> operation) {
    return (request, call, reply) -> reply.send(operation.apply(request, call));
  }

  @Override
  public ServerCall.Listener<Received<Q>> startCall(
      ServerCall<Received<Q>, R> call, Metadata headers) {
    TracedCall traced = TracedCall.current();
    Reply<R> reply = new Reply<>(call, traced);
    return new RequestListener<Q>(call, traced, reply) {
      @Override
      void begin(Q message) {
        String about = key.apply(message);
        Subject.is(about);
        Patience patience = Patience.current();
        try {
          dispatcher.dispatch(traced, about, () -> run(message, about, patience, reply));
        } catch (SnapshotException e) {
          reply.fail(about, e);
        }
      }
    }.listen();
  }

  private void run(Q message, String about, Call patience, Reply<R> reply) {
    try {
      patience.check();
      operation.run(message, patience, reply);
    } catch (SnapshotException e) {
      reply.fail(about, e);
      return;
    } catch (Throwable e) {
      reply.failUnexpectedly(about, e);
      return;
    }
    reply.succeed();
  }
}
