package dev.fuselage.grpc;

import io.grpc.MethodDescriptor.Marshaller;
import java.io.InputStream;
import java.util.Optional;

/**
 * Reads requests and never throws: from an exception here gRPC makes INTERNAL or UNKNOWN, which
 * containerd takes for a fault of the snapshotter, not of the request.
 */
final class TolerantMarshaller<Q> implements Marshaller<Received<Q>> {
  private final Marshaller<Q> strict;

  TolerantMarshaller(Marshaller<Q> strict) {
    this.strict = strict;
  }

  @Override
  public Received<Q> parse(InputStream stream) {
    try {
      return new Received.Message<>(strict.parse(stream));
    } catch (RuntimeException e) {
      Throwable reason = Optional.ofNullable(e.getCause()).orElse(e);
      return new Received.Garbled<>("the request can't be decoded: " + Statuses.message(reason));
    }
  }

  @Override
  public InputStream stream(Received<Q> value) {
    throw new UnsupportedOperationException("a server sends no requests");
  }
}
