package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.tracing.Subject;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.function.Function;

/**
 * A method with one request and one response.
 *
 * @param key of the snapshot that a request is about, for the log
 */
record UnaryMethod<Q, R>(Dispatcher dispatcher, Function<Q, String> key, Operation<Q, R> operation)
    implements ServerCallHandler<Received<Q>, R> {
  /** What is done for a request. */
  @FunctionalInterface
  interface Operation<Q, R> {
    /**
     * The answer to a request.
     *
     * @throws SnapshotException if it can't be done
     */
    R run(Q request, Call call);
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
    R response;
    try {
      patience.check();
      response = operation.run(message, patience);
    } catch (SnapshotException e) {
      reply.fail(about, e);
      return;
    } catch (Throwable e) {
      reply.failUnexpectedly(about, e);
      return;
    }
    reply.send(response);
    reply.succeed();
  }
}
