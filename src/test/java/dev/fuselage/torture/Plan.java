package dev.fuselage.torture;

import dev.fuselage.snapshot.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What each caller of a history will call, all of it from a seed: few keys, so that callers meet.
 *
 * @param trees prefixes of keys that are never parents of one another's
 * @param callers the calls of each, one after the other
 */
record Plan(long seed, List<String> trees, List<List<Operation>> callers) {
  private static final int CALLERS = 64;
  private static final int CALLS = 4;
  private static final int KEYS = 4;
  private static final int[] TREES = {4, 8, 16};

  Plan {
    trees = List.copyOf(trees);
    callers = List.copyOf(callers);
  }

  static Plan of(long seed) {
    Random random = new Random(seed);
    List<String> trees =
        IntStream.range(0, TREES[random.nextInt(TREES.length)])
            .mapToObj("tree %d/"::formatted)
            .toList();
    List<List<Operation>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      List<Operation> calls = new ArrayList<>();
      for (int call = 0; call < CALLS; call++) {
        String tree = trees.get(random.nextInt(trees.size()));
        calls.add(operation(random, tree, caller + "." + call));
      }
      callers.add(List.copyOf(calls));
    }
    return new Plan(seed, trees, callers);
  }

  private static Operation operation(Random random, String tree, String number) {
    String key = key(random, tree);
    String layer = layer(random, tree);
    // Any of a kind may be asked for what is only right for another, now and then.
    String any = random.nextBoolean() ? key : layer;
    return switch (random.nextInt(20)) {
      case 0, 1, 2 -> new Operation.Begin(Kind.ACTIVE, key, parent(random, tree), number);
      case 3 -> new Operation.Begin(Kind.ACTIVE, any, parent(random, tree), number);
      case 4, 5 -> new Operation.Begin(Kind.VIEW, key, parent(random, tree), number);
      case 6, 7, 8 -> new Operation.Commit(layer, key, Optional.empty(), number);
      case 9 -> new Operation.Commit(any, key, Optional.of(layer(random, tree)), number);
      case 10, 11 -> new Operation.Remove(key);
      case 12, 13 -> new Operation.Remove(layer);
      case 14 -> new Operation.Update(any, number);
      case 15 -> new Operation.Update(layer, number);
      case 16 -> new Operation.Stat(any);
      case 17 -> new Operation.Mounts(any);
      case 18 -> new Operation.UsageOf(any);
      default -> new Operation.ListAll();
    };
  }

  private static String parent(Random random, String tree) {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> "";
      case 3 -> key(random, tree);
      default -> layer(random, tree);
    };
  }

  private static String key(Random random, String tree) {
    return tree + "key " + random.nextInt(KEYS);
  }

  private static String layer(Random random, String tree) {
    return tree + "layer " + random.nextInt(KEYS);
  }
}
