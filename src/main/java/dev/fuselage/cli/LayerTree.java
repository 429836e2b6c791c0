package dev.fuselage.cli;

import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Snapshots in the order of a walk from each root up, parents before their children. */
final class LayerTree {
  /**
   * A snapshot at its place.
   *
   * @param own what it takes by itself
   * @param total what it takes with all layers below it
   * @param depth the layers below it
   * @param siblings whether it shares its parent with others, or has none and so is a root
   * @param last whether it is the last of them
   */
  record Row(Info info, Usage own, Usage total, int depth, boolean siblings, boolean last) {}

  private LayerTree() {}

  /**
   * The rows of a list. A snapshot without usage is left out, and the children of one that is not
   * listed stand as roots. No recursion: a chain may be as long as the list.
   */
  static List<Row> rows(List<Info> infos, Map<String, Usage> usages) {
    List<Info> present = infos.stream().filter(info -> usages.containsKey(info.name())).toList();
    Set<String> keys = HashSet.newHashSet(present.size());
    present.forEach(info -> keys.add(info.name()));
    List<Info> roots = new ArrayList<>();
    Map<String, List<Info>> children = new HashMap<>();
    for (Info info : present) {
      if (keys.contains(info.parent())) {
        children.computeIfAbsent(info.parent(), parent -> new ArrayList<>()).add(info);
      } else {
        roots.add(info);
      }
    }
    List<Row> rows = new ArrayList<>(present.size());
    Deque<Row> pending = new ArrayDeque<>();
    push(pending, roots, usages, Usage.NONE, 0);
    while (!pending.isEmpty()) {
      Row row = pending.pop();
      rows.add(row);
      List<Info> above = children.getOrDefault(row.info().name(), List.of());
      push(pending, above, usages, row.total(), row.depth() + 1);
    }
    return rows;
  }

  private static void push(
      Deque<Row> pending, List<Info> siblings, Map<String, Usage> usages, Usage below, int depth) {
    for (int i = siblings.size() - 1; i >= 0; i--) {
      Info info = siblings.get(i);
      Usage own = usages.getOrDefault(info.name(), Usage.NONE);
      boolean several = depth == 0 || siblings.size() > 1;
      boolean last = i == siblings.size() - 1;
      pending.push(new Row(info, own, below.plus(own), depth, several, last));
    }
  }
}
