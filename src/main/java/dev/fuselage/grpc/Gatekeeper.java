package dev.fuselage.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Stands at the listening socket: who may not come in is sent away before a byte is read. When the
 * house is full, the guest goes who has been here longest without a call; if all have made some, or
 * have just come, the newcomer is sent away.
 */
final class Gatekeeper extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = Logger.getLogger(Gatekeeper.class);

  /** More different uids than that are an attack on our memory, and are not told of. */
  private static final int MOST_UIDS_LOGGED = 1000;

  private static final long NANOS_BETWEEN_WARNINGS = Duration.ofMinutes(1).toNanos();

  /** For a guest to make his first call, before his place goes to another. */
  private static final long TO_SETTLE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Set<Integer> allowedUids;
  private final int maxConnections;
  private final AtomicInteger connections = new AtomicInteger();

  /** Those who may have made no call yet, in the order in which they came. */
  private final NavigableMap<Long, Guest> silent = new ConcurrentSkipListMap<>();

  // Touched by the loop of the listening socket alone.
  private final Set<Integer> logged = new HashSet<>();
  private long nextWarning = System.nanoTime();
  private long guests;

  private record Guest(EpollDomainSocketChannel connection, long since) {
    /** Whether he made a call; to be asked on any thread, so he may have made one just now. */
    boolean hasCalled() {
      Http2ConnectionHandler handler = connection.pipeline().get(Http2ConnectionHandler.class);
      return handler != null && handler.connection().remote().lastStreamCreated() > 0;
    }

    void leaveUnlessCalled() {
      connection
          .eventLoop()
          .execute(
              () -> {
                if (!hasCalled()) {
                  connection.unsafe().closeForcibly();
                }
              });
    }
  }

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
    long guest = guests++;
    connections.incrementAndGet();
    silent.put(guest, new Guest(connection, System.nanoTime()));
    connection
        .closeFuture()
        .addListener(
            closed -> {
              connections.decrementAndGet();
              silent.remove(guest);
            });
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
    if (connections.get() < maxConnections || makeRoom()) {
      return true;
    }
    long now = System.nanoTime();
    if (now - nextWarning >= 0) {
      nextWarning = now + NANOS_BETWEEN_WARNINGS;
      LOG.warnf("connections are refused: the %d allowed are open", maxConnections);
    }
    return false;
  }

  /** Sends one away who has made no call, and returns whether there was such a one. */
  private boolean makeRoom() {
    long now = System.nanoTime();
    // Others may go by themselves meanwhile.
    for (Map.Entry<Long, Guest> first : silent.entrySet()) {
      Guest guest = first.getValue();
      if (now - guest.since() < TO_SETTLE_NANOS) {
        return false;
      }
      // From now on he is known to have called, or to leave.
      if (silent.remove(first.getKey(), guest) && !guest.hasCalled()) {
        guest.leaveUnlessCalled();
        return true;
      }
    }
    return false;
  }
}
