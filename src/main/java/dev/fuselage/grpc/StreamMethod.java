package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.tracing.Subject;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.function.Function;

/**
 * A method with one request and any number of responses, for a few patient callers: each holds a
 * thread for as long as it lasts.
 *
 * @param key of the snapshot that a request is about, for the log
 */
record StreamMethod<Q, R>(Dispatcher dispatcher, Function<Q, String> key, Operation<Q, R> operation)
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
