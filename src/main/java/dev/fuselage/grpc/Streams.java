package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls that are answered by several messages. One that is abandoned is cancelled.
 *
 * @param patience how long the service may keep silent; empty for as long as it likes
 */
record Streams(ClientChannel channel, Optional<Duration> patience) {
  /** Hands over each answer of a call. */
  <Q, R> void forEach(MethodDescriptor<Q, R> method, Q request, Call call, Consumer<R> action) {
    BlockingClientCall<Q, R> answers =
        ClientCalls.blockingV2ServerStreamingCall(
            channel.channel(), method, CallOptions.DEFAULT, request);
    try {
      for (R answer = next(answers); answer != null; answer = next(answers)) {
        action.accept(answer);
        call.check();
      }
    } finally {
      answers.cancel("the caller needs no more", null);
    }
  }

  private <R> @Nullable R next(BlockingClientCall<?, R> answers) {
    try {
      return patience.isPresent()
          ? answers.read(patience.get().toNanos(), TimeUnit.NANOSECONDS)
          : answers.read();
    } catch (StatusException e) {
      throw channel.failure(e);
    } catch (TimeoutException _) {
      throw new SnapshotException(
          SnapshotException.Code.DEADLINE_EXCEEDED, "the service keeps silent");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SnapshotException(SnapshotException.Code.CANCELLED, "interrupted", e);
    }
  }

  /** The last answer of a call that reports its progress, which is its result. */
  <Q, R> R last(MethodDescriptor<Q, R> method, Q request, Call call, Consumer<R> progress) {
    List<R> latest = new ArrayList<>(1);
    forEach(
        method,
        request,
        call,
        answer -> {
          latest.clear();
          latest.add(answer);
          progress.accept(answer);
        });
    if (latest.isEmpty()) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "the service answered without a result");
    }
    return latest.getFirst();
  }
}
