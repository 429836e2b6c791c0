package dev.fuselage.grpc;

import dev.fuselage.admin.Administration;
import dev.fuselage.grpc.UnusableSocketException.Reason;
import dev.fuselage.grpc.admin.proto.AdminGrpc;
import dev.fuselage.grpc.proto.SnapshotsGrpc;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.tracing.Tracing;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import org.jboss.logging.Logger;

/** A snapshotter's service on a unix socket, from the moment it is bound until it is closed. */
public final class SocketServer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SocketServer.class);

  /**
   * gRPC's own word on messages that are too large and on clients that hang up, a stack trace each;
   * {@link CallLog} has a line for them. Held here, since a logger that nobody holds is forgotten
   * with its level.
   */
  private static final java.util.logging.Logger TRANSPORT_LOG =
      java.util.logging.Logger.getLogger("io.grpc.netty");

  static {
    TRANSPORT_LOG.setLevel(java.util.logging.Level.SEVERE);
  }

  /** For each of the two ways to end the calls that were not over in time. */
  private static final Duration AFTER_DRAIN = Duration.ofSeconds(2);

  /** For clients to hear that the server ends and to let go: one round trip, if they read. */
  private static final Duration GOODBYE = Duration.ofSeconds(1);

  /** For connections that have made calls, and make none any more. */
  private static final Duration CONNECTION_IDLE = Duration.ofMinutes(10);

  private static final int EVENT_LOOPS = 2;

  private static final int ADMIN_WORKERS = 4;
  private static final int MOST_QUEUED_ADMIN_CALLS = 16;

  private final SocketFile file;
  private final Duration drain;
  private final EventLoopGroup loops;
  private final CallPool pool;
  private final CallPool adminPool;
  private final Calls calls;
  private final Server server;
  private boolean closed;

  private SocketServer(
      Options options,
      SocketFile file,
      Snapshotter snapshotter,
      Administration administration,
      CallListener listener,
      Optional<Tracing> tracing) {
    this.file = file;
    this.drain = options.drain();
    this.loops = new EpollEventLoopGroup(EVENT_LOOPS, new DefaultThreadFactory("socket", true));
    this.pool = new CallPool("call-", options.workers(), options.maxQueuedCalls());
    this.adminPool = new CallPool("admin-", ADMIN_WORKERS, MOST_QUEUED_ADMIN_CALLS);
    this.calls = new Calls(names(), listener);
    this.server =
        server(
            options,
            SnapshotsService.on(
                snapshotter,
                pool,
                new ListMethod(snapshotter, pool, loops, options.readerPatience())),
            AdminService.on(administration, adminPool),
            tracing);
  }

  /** What metrics and the log call each method. */
  private static Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    for (MethodDescriptor<?, ?> method : SnapshotsGrpc.getServiceDescriptor().getMethods()) {
      names.put(method.getFullMethodName(), method.getBareMethodName());
    }
    for (MethodDescriptor<?, ?> method : AdminGrpc.getServiceDescriptor().getMethods()) {
      names.put(method.getFullMethodName(), Calls.ADMIN_PREFIX + method.getBareMethodName());
    }
    return names;
  }

  private Server server(
      Options options,
      ServerServiceDefinition snapshots,
      ServerServiceDefinition admin,
      Optional<Tracing> tracing) {
    Gatekeeper gatekeeper = new Gatekeeper(options.allowedUids(), options.maxConnections());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new DomainSocketAddress(file.temporary().toFile()))
            .channelFactory(gatekeeper::listener)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .directExecutor()
            .addService(snapshots)
            .addService(admin)
            .addStreamTracerFactory(calls)
            .maxInboundMessageSize(options.maxMessageBytes())
            .maxConcurrentCallsPerConnection(options.maxCallsPerConnection())
            // containerd compresses nothing, and a small message can unpack to a large one.
            .decompressorRegistry(
                DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
            // Who connects and says nothing, or nothing more, does not hold a connection for ever.
            .handshakeTimeout(10, TimeUnit.SECONDS)
            // Its client's library connects again for the next call, without a word to its caller.
            .maxConnectionIdle(CONNECTION_IDLE.toMinutes(), TimeUnit.MINUTES)
            .keepAliveTime(1, TimeUnit.MINUTES)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            // Go's clients may ping as often as every 10 s, and do so without a call if told to.
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    tracing.ifPresent(traces -> builder.intercept(traces.interceptor()));
    return builder.build();
  }

  /**
   * Serves from now on. Clients find the socket only when it is fit to answer.
   *
   * @param administration what operators may ask for beside
   * @param listener is told of every call
   * @param tracing leaves a trace of every call; empty for none
   * @throws UnusableSocketException if the path is too long, another process answers there,
   *     something other than a socket is there, or the file system refuses
   */
  public static SocketServer bind(
      Options options,
      Snapshotter snapshotter,
      Administration administration,
      CallListener listener,
      Optional<Tracing> tracing) {
    SocketServer server =
        new SocketServer(
            options,
            SocketFile.at(options.socket()),
            snapshotter,
            administration,
            listener,
            tracing);
    try {
      server.server.start();
      server.file.publish(options.mode());
      return server;
    } catch (IOException e) {
      server.close();
      throw new UnusableSocketException(
          Reason.NOT_WRITABLE,
          "no socket can be made at " + options.socket() + ": " + Statuses.message(e),
          e);
    }
  }

  /**
   * Calls that a thread has been working for, or that have waited for one, for so long; the longest
   * first. Those that have a limit of their own, as Cleanup, are left out.
   */
  public List<CallUnderWay> busyFor(Duration limit) {
    return calls.busyFor(limit);
  }

  /**
   * Asks the threads that serve connections whether they turn.
   *
   * @param currentTask the kernel's number of the thread that calls
   * @param waitsForDisk whether the thread of such a number waits for a disk
   */
  public Heartbeat heartbeat(IntSupplier currentTask, IntPredicate waitsForDisk) {
    return new Heartbeat(loops, currentTask, waitsForDisk, System::nanoTime);
  }

  /**
   * Stops: no new calls, those in flight may end within the drain limit. After it they end where
   * they next ask for their caller's patience, and at last their connections are closed. Returns
   * when no call is left, or some did not let go in spite of that. The socket's file goes, if it is
   * still the one that was bound. Closing twice is harmless.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      file.unlinkIfOurs();
    } catch (IOException e) {
      LOG.warnf("the socket's file %s can't be removed: %s", file.path(), e);
    }
    calls.refuse();
    server.shutdown();
    try {
      if (!calls.await(drain)) {
        LOG.warnf("%d calls were not over after %s and are abandoned", calls.inFlight(), drain);
        calls.abandon();
        boolean unused = calls.await(AFTER_DRAIN);
      }
      // Calls that were sent before their client heard of the end are still to be refused; a
      // connection that is closed under them would end them by CANCELLED.
      boolean unused = server.awaitTermination(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
      server.shutdownNow();
      if (!calls.await(AFTER_DRAIN) || !pool.close(AFTER_DRAIN) || !adminPool.close(AFTER_DRAIN)) {
        LOG.warnf("%d calls did not let go even so", calls.inFlight());
      }
      loops.shutdownGracefully(0, AFTER_DRAIN.toMillis(), TimeUnit.MILLISECONDS).await();
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * How to serve.
   *
   * @param socket its path, of at most {@value SocketFile#MOST_BYTES} bytes
   * @param mode of the socket's file, as chmod takes it
   * @param allowedUids of the processes that may speak, as this process' user namespace numbers
   *     them
   * @param maxMessageBytes of a request; a larger one is RESOURCE_EXHAUSTED
   * @param maxCallsPerConnection at once; the client's library queues what is beyond
   * @param maxConnections at once; for those beyond, others are closed that made no call, or they
   *     are closed themselves
   * @param workers threads for the calls that may block
   * @param maxQueuedCalls that wait for a worker; those beyond are RESOURCE_EXHAUSTED
   * @param drain for calls in flight when the server is closed
   * @param readerPatience with a client that lists and does not read
   */
  public record Options(
      Path socket,
      int mode,
      Set<Integer> allowedUids,
      int maxMessageBytes,
      int maxCallsPerConnection,
      int maxConnections,
      int workers,
      int maxQueuedCalls,
      Duration drain,
      Duration readerPatience) {
    public static final int DEFAULT_MODE = 0660;
    public static final int DEFAULT_MAX_QUEUED_CALLS = 1024;
    public static final Duration DEFAULT_READER_PATIENCE = Duration.ofSeconds(30);

    public Options {
      allowedUids = Set.copyOf(allowedUids);
      if (mode < 0 || mode > 0777) {
        throw new IllegalArgumentException("a socket's mode is three octal digits");
      }
      if (allowedUids.isEmpty()
          || maxMessageBytes < 1
          || maxCallsPerConnection < 1
          || maxConnections < 1
          || workers < 1
          || maxQueuedCalls < 1
          || drain.isNegative()
          || !readerPatience.isPositive()) {
        throw new IllegalArgumentException("a server with these limits would serve nobody");
      }
    }
  }
}
