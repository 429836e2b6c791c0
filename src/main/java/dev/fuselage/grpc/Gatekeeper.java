package dev.fuselage.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Stands at the listening socket: who may not come in, or comes when the house is full, is sent
 * away before a byte is read.
 */
final class Gatekeeper extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = Logger.getLogger(Gatekeeper.class);

  /** More different uids than that are an attack on our memory, and are not told of. */
  private static final int MOST_UIDS_LOGGED = 1000;

  private static final long NANOS_BETWEEN_WARNINGS = Duration.ofMinutes(1).toNanos();

  private final Set<Integer> allowedUids;
  private final int maxConnections;
  private final AtomicInteger connections = new AtomicInteger();
  // Touched by the loop of the listening socket alone.
  private final Set<Integer> logged = new HashSet<>();
  private long nextWarning = System.nanoTime();

  Gatekeeper(Set<Integer> allowedUids, int maxConnections) {
    this.allowedUids = allowedUids;
    this.maxConnections = maxConnections;
  }

  /** A listening socket with this one before it. */
  EpollServerDomainSocketChannel listener() {
    EpollServerDomainSocketChannel listener = new EpollServerDomainSocketChannel();
    listener.pipeline().addLast(this);
    return listener;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    EpollDomainSocketChannel connection = (EpollDomainSocketChannel) message;
    if (!mayCome(connection) || !hasRoom()) {
      connection.unsafe().closeForcibly();
      return;
    }
    connections.incrementAndGet();
    connection.closeFuture().addListener(closed -> connections.decrementAndGet());
    context.fireChannelRead(connection);
  }

  private boolean mayCome(EpollDomainSocketChannel connection) {
    try {
      int uid = connection.peerCredentials().uid();
      if (allowedUids.contains(uid)) {
        return true;
      }
      if (logged.size() < MOST_UIDS_LOGGED && logged.add(uid)) {
        LOG.warnf(
            "connections of uid %s are refused: it is not among the uids allowed, %s",
            Integer.toUnsignedString(uid), allowedUids);
      }
    } catch (IOException e) {
      LOG.warnf("a connection is refused, for its owner is not known: %s", e);
    }
    return false;
  }

  private boolean hasRoom() {
    if (connections.get() < maxConnections) {
      return true;
    }
    long now = System.nanoTime();
    if (now - nextWarning >= 0) {
      nextWarning = now + NANOS_BETWEEN_WARNINGS;
      LOG.warnf("connections are refused: the %d allowed are open", maxConnections);
    }
    return false;
  }
}
