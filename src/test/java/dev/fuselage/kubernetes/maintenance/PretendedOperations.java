package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.snapshot.Call;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Operations of a node that last until they are let go, or not at all. */
final class PretendedOperations implements NodeOperations {
  private final AtomicInteger underWay;
  private final AtomicInteger mostUnderWay;
  private final List<Operation> done = new CopyOnWriteArrayList<>();
  private final Set<Operation> held = ConcurrentHashMap.newKeySet();

  /**
   * @param underWay counts what is under way, on other nodes too
   * @param mostUnderWay the most that was
   */
  PretendedOperations(AtomicInteger underWay, AtomicInteger mostUnderWay) {
    this.underWay = underWay;
    this.mostUnderWay = mostUnderWay;
  }

  void hold(Operation operation) {
    held.add(operation);
  }

  void letGo() {
    held.clear();
  }

  List<Operation> done() {
    return done;
  }

  @Override
  public Outcome run(Operation operation, boolean resumed, Call call, Consumer<String> progress) {
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    try {
      progress.accept("at it");
      do {
        call.check();
        TimeUnit.MILLISECONDS.sleep(20);
      } while (held.contains(operation));
      done.add(operation);
      return new Outcome(true, "did " + operation.label());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(false, "interrupted");
    } finally {
      underWay.decrementAndGet();
    }
  }
}
