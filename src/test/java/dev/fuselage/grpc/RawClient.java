package dev.fuselage.grpc;

import com.google.protobuf.MessageLite;
import dev.fuselage.grpc.proto.SnapshotsGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client that sends whatever bytes it is given, any number of times in a call. */
final class RawClient implements AutoCloseable {
  private final EventLoopGroup loop =
      new EpollEventLoopGroup(1, new DefaultThreadFactory("raw-client", true));
  private final ManagedChannel channel;

  RawClient(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .directExecutor()
            .usePlaintext()
            .overrideAuthority("localhost")
            .disableRetry()
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  SnapshotsGrpc.SnapshotsBlockingStub stub() {
    return SnapshotsGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  SnapshotsGrpc.SnapshotsStub asyncStub() {
    return SnapshotsGrpc.newStub(channel);
  }

  /**
   * How a call with these requests ends.
   *
   * @param method its bare name
   */
  CompletableFuture<Status> send(String method, List<byte[]> requests) {
    return send(method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), requests);
  }

  CompletableFuture<Status> send(String method, CallOptions options, List<byte[]> requests) {
    ClientCall<byte[], byte[]> call = channel.newCall(bytes(method), options);
    CompletableFuture<Status> end = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    requests.forEach(call::sendMessage);
    call.halfClose();
    return end;
  }

  CompletableFuture<Status> send(String method, MessageLite request) {
    return send(method, List.of(request.toByteArray()));
  }

  private static MethodDescriptor<byte[], byte[]> bytes(String method) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setFullMethodName(
            MethodDescriptor.generateFullMethodName(SnapshotsGrpc.SERVICE_NAME, method))
        // Streams both ways, so that nothing but the server minds how many messages there are.
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .setRequestMarshaller(BYTES)
        .setResponseMarshaller(BYTES)
        .build();
  }

  private static final Marshaller<byte[]> BYTES =
      new Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow();
    channel.awaitTermination(5, TimeUnit.SECONDS);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }
}
