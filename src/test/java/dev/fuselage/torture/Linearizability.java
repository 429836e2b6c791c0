package dev.fuselage.torture;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether calls that overlapped can be put in one order in which each, made alone, would have come
 * to what it came to (Wing and Gong's search, with the memory of Lowe's).
 *
 * <p>The order is made as late as can be: only when a call has been answered must it have its
 * place, and if it fits nowhere yet, a call that is still under way must have come before it. Calls
 * that change nothing take their place as soon as they fit, which can do no harm. So only changes
 * under way at the same time are ever tried in several orders, and at first only those that the one
 * whose turn it is can depend on.
 */
final class Linearizability {
  /** Situations that most histories take no hundredth of. */
  static final int MANY_SITUATIONS = 200_000;

  private final List<Completed> calls;
  private final boolean thorough;
  private final int mostSituations;
  private final List<Event> events = new ArrayList<>();
  private final Set<Situation> hopeless = new HashSet<>();

  /** What is known in the end. */
  enum Verdict {
    LINEARIZABLE,
    VIOLATED,
    /** The search was given up. */
    UNDECIDED
  }

  /** A call began, or was answered. */
  private record Event(long time, int call, boolean answer) {}

  /** Where the search is: which calls have their place, and what came of them. */
  private record Situation(int event, BitSet placed, State state) {}

  private static final class GivenUpException extends RuntimeException {
    private static final long serialVersionUID = 1;

    GivenUpException() {
      super("too many situations", null, false, false);
    }
  }

  private Linearizability(List<Completed> calls, boolean thorough, int mostSituations) {
    this.calls = calls;
    this.thorough = thorough;
    this.mostSituations = mostSituations;
    for (int call = 0; call < calls.size(); call++) {
      events.add(new Event(calls.get(call).called(), call, false));
      events.add(new Event(calls.get(call).answered(), call, true));
    }
    events.sort(Comparator.comparingLong(Event::time));
  }

  /**
   * Judges a history that began with no snapshot.
   *
   * @param mostSituations looked at before a search is given up
   */
  static Verdict judge(Collection<Completed> history, int mostSituations) {
    List<Completed> calls =
        history.stream().sorted(Comparator.comparingLong(Completed::answered)).toList();
    Verdict quick = new Linearizability(calls, false, mostSituations).search();
    return quick == Verdict.LINEARIZABLE
        ? quick
        : new Linearizability(calls, true, mostSituations).search();
  }

  private Verdict search() {
    try {
      return fits(0, new BitSet(), new BitSet(), State.EMPTY)
          ? Verdict.LINEARIZABLE
          : Verdict.VIOLATED;
    } catch (GivenUpException _) {
      return Verdict.UNDECIDED;
    }
  }

  /**
   * Whether all events from one on fit.
   *
   * @param underWay calls that have begun and have no place yet; changed
   * @param placed calls that have their place; changed
   */
  private boolean fits(int from, BitSet underWay, BitSet placed, State state) {
    for (int at = from; at < events.size(); at++) {
      int call = events.get(at).call();
      if (!events.get(at).answer()) {
        underWay.set(call);
        placeWhatChangesNothing(underWay, placed, state);
      } else if (!placed.get(call)) {
        return fitsAfterAnother(at, call, underWay, placed, state);
      }
    }
    return true;
  }

  /** Tries changes under way as the next, the one that must have its place now first. */
  private boolean fitsAfterAnother(int at, int due, BitSet underWay, BitSet placed, State state) {
    Situation here = new Situation(at, (BitSet) placed.clone(), state);
    if (hopeless.contains(here)) {
      return false;
    }
    if (hopeless.size() >= mostSituations) {
      throw new GivenUpException();
    }
    for (int next : candidates(due, underWay, state)) {
      Optional<State> after = calls.get(next).isChange() ? after(next, state) : Optional.empty();
      if (after.isPresent()) {
        BitSet nextPlaced = (BitSet) placed.clone();
        BitSet nextUnderWay = (BitSet) underWay.clone();
        nextPlaced.set(next);
        nextUnderWay.clear(next);
        placeWhatChangesNothing(nextUnderWay, nextPlaced, after.get());
        if (fits(at, nextUnderWay, nextPlaced, after.get())) {
          return true;
        }
      }
    }
    hopeless.add(here);
    return false;
  }

  /**
   * The one that is due, then those that it depends on, and those that these depend on as long as
   * they don't fit either; a thorough search goes on with all others.
   */
  private Collection<Integer> candidates(int due, BitSet underWay, State state) {
    LinkedHashSet<Integer> candidates = new LinkedHashSet<>(List.of(due));
    List<Integer> open = new ArrayList<>(candidates);
    while (!open.isEmpty()) {
      int call = open.removeFirst();
      if (after(call, state).isPresent()) {
        continue;
      }
      for (int other = underWay.nextSetBit(0); other >= 0; other = underWay.nextSetBit(other + 1)) {
        if (calls.get(other).isChange() && dependsOn(call, other, state) && candidates.add(other)) {
          open.add(other);
        }
      }
    }
    if (thorough) {
      underWay.stream().forEach(candidates::add);
    }
    return candidates;
  }

  private boolean dependsOn(int call, int other, State state) {
    Operation operation = calls.get(call).operation();
    Set<String> touched = calls.get(other).operation().keys();
    return operation.keys().isEmpty()
        || operation.keys().stream().anyMatch(key -> !key.isEmpty() && touched.contains(key))
        || state.childrenOf(operation.key()).stream().anyMatch(touched::contains);
  }

  private void placeWhatChangesNothing(BitSet underWay, BitSet placed, State state) {
    for (int call = underWay.nextSetBit(0); call >= 0; call = underWay.nextSetBit(call + 1)) {
      if (!calls.get(call).isChange() && after(call, state).isPresent()) {
        underWay.clear(call);
        placed.set(call);
      }
    }
  }

  private Optional<State> after(int call, State state) {
    return calls.get(call).operation().after(state, calls.get(call).outcome());
  }
}
