package dev.fuselage.grpc;

import dev.fuselage.grpc.proto.ListSnapshotsRequest;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Context;
import io.grpc.ServerCall;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One List. A thread of the pool sends batches while the client takes them, and leaves when it does
 * not, so that a slow reader holds none.
 *
 * <p>Whatever happens to the call raises a counter. Who raises it from zero does the next step, and
 * goes on until it has seen all that happened: so one thread at a time touches the listing.
 */
final class ListCall extends RequestListener<ListSnapshotsRequest> {
  private final ListMethod method;
  private final ServerCall<?, InfoMessage> call;
  private final TracedCall traced;
  private final Reply<InfoMessage> reply;
  private final Context context = Context.current();
  private final Patience patience = Patience.current();

  private final AtomicInteger events = new AtomicInteger();
  private volatile boolean begun;
  private volatile boolean over;
  private volatile boolean cancelled;
  private volatile Optional<SnapshotException> givenUp = Optional.empty();
  private volatile long waitingSince;
  private volatile boolean waiting;

  // Touched by the step alone.
  private List<String> filters = List.of();
  private Optional<Batches> batches = Optional.empty();
  private boolean watched;

  ListCall(
      ListMethod method,
      ServerCall<?, InfoMessage> call,
      TracedCall traced,
      Reply<InfoMessage> reply) {
    super(call, traced, reply);
    this.method = method;
    this.call = call;
    this.traced = traced;
    this.reply = reply;
  }

  @Override
  void begin(ListSnapshotsRequest message) {
    filters = message.getFiltersList();
    // Until the end, or the call could be over with its listing still open.
    traced.hold();
    begun = true;
    happened();
  }

  @Override
  public void onReady() {
    happened();
  }

  @Override
  public void onCancel() {
    cancelled = true;
    happened();
  }

  private void happened() {
    if (!begun || over || events.getAndIncrement() > 0) {
      return;
    }
    try {
      context.run(() -> method.dispatcher().dispatch(traced, "", this::proceed));
    } catch (SnapshotException e) {
      // No thread for it: what is left to do here, to let go of the listing, is done at once.
      givenUp = Optional.of(e);
      proceed();
    }
  }

  private void proceed() {
    int seen;
    do {
      seen = events.get();
      if (!over) {
        step();
      }
    } while (events.addAndGet(-seen) > 0);
  }

  private void step() {
    waiting = false;
    try {
      if (!cancelled && givenUp.isEmpty()) {
        patience.check();
        if (!sendWhileReady()) {
          waitForReader();
          return;
        }
      }
    } catch (SnapshotException e) {
      givenUp = Optional.of(e);
    } catch (Throwable e) {
      end();
      reply.failUnexpectedly("", e);
      return;
    }
    end();
    if (!cancelled) {
      givenUp.ifPresentOrElse(failure -> reply.fail("", failure), reply::succeed);
    }
  }

  /** Whether all has been sent. */
  private boolean sendWhileReady() {
    Batches all = batches.orElseGet(() -> new Batches(method.snapshotter().list(filters)));
    batches = Optional.of(all);
    while (all.hasNext()) {
      if (cancelled || givenUp.isPresent() || !call.isReady()) {
        return false;
      }
      reply.send(all.next());
    }
    return true;
  }

  private void waitForReader() {
    waitingSince = System.nanoTime();
    waiting = true;
    if (!watched) {
      watched = true;
      watchIn(method.patience().toNanos());
    }
  }

  private void watchIn(long nanos) {
    try {
      var unused = method.timer().schedule(this::watch, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException _) {
      // The service has stopped, and with it this call.
    }
  }

  /** Runs on the timer, once in a while as long as the call lasts. */
  private void watch() {
    if (over) {
      return;
    }
    long waited = waiting ? System.nanoTime() - waitingSince : 0;
    long left = method.patience().toNanos() - waited;
    if (left > 0) {
      watchIn(left);
    } else {
      givenUp =
          Optional.of(
              new SnapshotException(
                  SnapshotException.Code.CANCELLED,
                  "the client has read nothing for " + method.patience().toSeconds() + " s"));
      happened();
    }
  }

  private void end() {
    over = true;
    batches.ifPresent(Batches::close);
    traced.release();
  }
}
