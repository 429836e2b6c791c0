package dev.fuselage.channel;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A gRPC channel to a unix socket, with a thread of its own. */
public final class UnixChannel implements AutoCloseable {
  /** What containerd's own client takes. */
  private static final int MOST_BYTES_OF_A_MESSAGE = 16 << 20;

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  /**
   * Connects when it is first used, so that nobody needs to answer yet.
   *
   * @param thread what the name of its thread begins with; answers come on it
   */
  public UnixChannel(Path socket, String thread) {
    loop = new EpollEventLoopGroup(1, new DefaultThreadFactory(thread, true));
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .directExecutor()
            .usePlaintext()
            // A socket's path is no authority that a server takes.
            .overrideAuthority("localhost")
            .disableRetry()
            .maxInboundMessageSize(MOST_BYTES_OF_A_MESSAGE)
            .build();
  }

  /** For calls, until it is closed. */
  public Channel channel() {
    return channel;
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
