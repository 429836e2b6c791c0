package dev.fuselage.grpc;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** All calls in flight. */
final class Calls extends ServerStreamTracer.Factory {
  /** Before the methods of our own service, of which one is named as one of containerd's. */
  static final String ADMIN_PREFIX = "Admin.";

  private static final ServerStreamTracer UNKNOWN = new ServerStreamTracer() {};

  private final Map<String, String> names;
  private final CallListener listener;
  private final Set<TracedCall> underWay = ConcurrentHashMap.newKeySet();
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean closing;
  private volatile boolean abandoning;
  private final CountDownLatch idle = new CountDownLatch(1);

  /**
   * @param names what to call each method, by its full name: no other is told of, since clients
   *     invent any
   */
  Calls(Map<String, String> names, CallListener listener) {
    this.names = Map.copyOf(names);
    this.listener = listener;
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    String name = names.get(fullMethodName);
    if (name == null) {
      return UNKNOWN;
    }
    inFlight.incrementAndGet();
    listener.started(name);
    TracedCall call = new TracedCall(this, name);
    if (!mayLast(name)) {
      underWay.add(call);
    }
    return call;
  }

  /** Those that have been busy for so long, the longest first. */
  List<CallUnderWay> busyFor(Duration limit) {
    List<CallUnderWay> busy = new ArrayList<>();
    for (TracedCall call : underWay) {
      call.busyFor(limit).ifPresent(busy::add);
    }
    busy.sort(Comparator.comparing(CallUnderWay::since).reversed());
    return busy;
  }

  void finished(TracedCall call, FinishedCall how) {
    underWay.remove(call);
    try {
      listener.finished(how);
    } finally {
      if (inFlight.decrementAndGet() == 0 && closing) {
        idle.countDown();
      }
    }
  }

  /** Whether a method has a limit of its own, or none, and may be at it for long. */
  private static boolean mayLast(String name) {
    return isAdmin(name) || name.equals("Cleanup");
  }

  /** Whether a method is one of our own service, which are ended without loss. */
  static boolean isAdmin(String name) {
    return name.startsWith(ADMIN_PREFIX);
  }

  /** From now on a call is answered UNAVAILABLE at once. */
  void refuse() {
    closing = true;
  }

  boolean refusing() {
    return closing;
  }

  /** From now on a call ends by UNAVAILABLE where it next asks for its caller's patience. */
  void abandon() {
    abandoning = true;
  }

  boolean abandoning() {
    return abandoning;
  }

  /** Waits until no call is in flight, after {@link #refuse}; false if some are after that time. */
  boolean await(Duration limit) throws InterruptedException {
    return inFlight.get() == 0 || idle.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  int inFlight() {
    return inFlight.get();
  }
}
