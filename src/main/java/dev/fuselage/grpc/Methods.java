package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerMethodDefinition;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Methods as the server takes them: none fails on a request that it can't decode. */
final class Methods {
  private Methods() {}

  static <Q, R> ServerMethodDefinition<Received<Q>, R> unary(
      MethodDescriptor<Q, R> method,
      Dispatcher dispatcher,
      Function<Q, String> key,
      BiFunction<Q, Call, R> operation) {
    return ServerMethodDefinition.create(
        tolerant(method), new ServedMethod<>(dispatcher, key, ServedMethod.answering(operation)));
  }

  static <Q, R> ServerMethodDefinition<Received<Q>, R> stream(
      MethodDescriptor<Q, R> method,
      Dispatcher dispatcher,
      Function<Q, String> key,
      ServedMethod.Operation<Q, R> operation) {
    return ServerMethodDefinition.create(
        tolerant(method), new ServedMethod<>(dispatcher, key, operation));
  }

  static <Q, R> MethodDescriptor<Received<Q>, R> tolerant(MethodDescriptor<Q, R> method) {
    return tolerant(method, method.getResponseMarshaller());
  }

  static <Q, R> MethodDescriptor<Received<Q>, R> tolerant(
      MethodDescriptor<Q, ?> method, Marshaller<R> answers) {
    return method.toBuilder(new TolerantMarshaller<>(method.getRequestMarshaller()), answers)
        .build();
  }
}
