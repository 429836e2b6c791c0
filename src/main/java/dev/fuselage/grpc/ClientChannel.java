package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A client's way to a unix socket. It connects when it is first used. */
final class ClientChannel implements AutoCloseable {
  /** What containerd's own client takes. */
  private static final int MOST_BYTES_OF_A_MESSAGE = 16 << 20;

  private final Path socket;
  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  ClientChannel(Path socket) {
    this.socket = socket.toAbsolutePath();
    this.loop = new EpollEventLoopGroup(1, new DefaultThreadFactory("client", true));
    this.channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(this.socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .directExecutor()
            .usePlaintext()
            .overrideAuthority("localhost")
            .disableRetry()
            .maxInboundMessageSize(MOST_BYTES_OF_A_MESSAGE)
            .build();
  }

  ManagedChannel channel() {
    return channel;
  }

  /** The call's result, with the domain's failures in place of gRPC's. */
  <T> T answer(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  SnapshotException failure(StatusRuntimeException e) {
    return failure(e.getStatus());
  }

  SnapshotException failure(StatusException e) {
    return failure(e.getStatus());
  }

  private SnapshotException failure(Status status) {
    if (status.getCode() == Status.Code.UNAVAILABLE
        && status.getCause() instanceof IOException cause) {
      return new SnapshotException(
          SnapshotException.Code.UNAVAILABLE,
          "nobody answers on " + socket + ": " + Statuses.message(cause));
    }
    return Statuses.toException(status);
  }

  /** Ends every call that is under way, by UNAVAILABLE or CANCELLED. */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      var unused = channel.awaitTermination(1, TimeUnit.SECONDS);
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
