package dev.fuselage.torture;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.torture.Linearizability.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Runs plans, one after the other, against snapshotters that have no snapshot. */
public final class History implements AutoCloseable {
  private static final long LONGEST_PAUSE_NANOS = 40_000;

  /** For all trees together, where the parts have been judged already. */
  private static final int SOME_SITUATIONS = 3_000;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<? extends Snapshotter> clients;
  private int refused;
  private int undecided;
  private int calls;

  /**
   * Makes runs of one snapshotter.
   *
   * @param clients of the same snapshotter, shared by the callers; they must have no snapshots
   */
  public History(List<? extends Snapshotter> clients) {
    this.clients = List.copyOf(clients);
  }

  /**
   * Runs the plan of a seed, removes what it left, and judges: each tree of layers for itself,
   * which is always decided, and all of them together, which tells a listing of several moments.
   *
   * @return what is wrong, with the seed and all calls; empty if nothing
   */
  public String complaintOf(long seed) throws Exception {
    Plan plan = Plan.of(seed);
    List<Completed> history = run(plan);
    clear();
    for (String tree : plan.trees()) {
      List<Completed> part = history.stream().flatMap(call -> call.of(tree).stream()).toList();
      Verdict verdict = Linearizability.judge(part, Linearizability.MANY_SITUATIONS);
      if (verdict != Verdict.LINEARIZABLE) {
        return complaint(seed, tree, verdict, part);
      }
    }
    Verdict verdict = Linearizability.judge(history, SOME_SITUATIONS);
    if (verdict == Verdict.UNDECIDED) {
      undecided++;
    }
    return verdict == Verdict.VIOLATED ? complaint(seed, "the whole", verdict, history) : "";
  }

  private static String complaint(
      long seed, String what, Verdict verdict, List<Completed> history) {
    return history.stream()
        .sorted(Comparator.comparingLong(Completed::called))
        .map(Completed::toString)
        .collect(
            Collectors.joining(
                "\n", "-Dfuselage.seed=%d: %s is %s%n".formatted(seed, what, verdict), ""));
  }

  /** Calls made, and how many histories of several trees were too many-sided to judge as one. */
  public String figures() {
    return "%d calls, %d of them refused, %d histories undecided across trees"
        .formatted(calls, refused, undecided);
  }

  private List<Completed> run(Plan plan) throws Exception {
    AtomicLong clock = new AtomicLong();
    CyclicBarrier start = new CyclicBarrier(plan.callers().size());
    List<Future<List<Completed>>> callers = new ArrayList<>();
    for (List<Operation> operations : plan.callers()) {
      Snapshotter client = clients.get(callers.size() % clients.size());
      Random random = new Random(plan.seed() + callers.size());
      callers.add(
          threads.submit(
              () -> {
                start.await();
                List<Completed> done = new ArrayList<>();
                for (Operation operation : operations) {
                  pause(random);
                  long called = clock.incrementAndGet();
                  Outcome outcome = operation.run(client, () -> pause(ThreadLocalRandom.current()));
                  done.add(new Completed(operation, outcome, called, clock.incrementAndGet()));
                }
                return done;
              }));
    }
    List<Completed> history = new ArrayList<>();
    for (Future<List<Completed>> caller : callers) {
      history.addAll(caller.get());
    }
    calls += history.size();
    refused +=
        (int) history.stream().filter(call -> call.outcome() instanceof Outcome.Failed).count();
    return history;
  }

  /** Sleeps now and then, so that others come in between. */
  private static void pause(Random random) {
    switch (random.nextInt(8)) {
      case 0 -> LockSupport.parkNanos(random.nextLong(LONGEST_PAUSE_NANOS));
      case 1 -> Thread.yield();
      default -> {}
    }
  }

  /** Removes from the leaves down. */
  private void clear() {
    Snapshotter client = clients.getFirst();
    boolean left = true;
    while (left) {
      List<String> names = new ArrayList<>();
      try (Listing<Info> listing = client.list(List.of())) {
        listing.forEachRemaining(info -> names.add(info.name()));
      }
      left = !names.isEmpty();
      for (String name : names) {
        try {
          client.remove(Call.PATIENT, name);
        } catch (SnapshotException e) {
          switch (e.code()) {
            // A parent, or, where Remove answers early, on its way.
            case FAILED_PRECONDITION, NOT_FOUND -> {}
            default -> throw e;
          }
        }
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
