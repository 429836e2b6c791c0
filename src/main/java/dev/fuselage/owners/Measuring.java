package dev.fuselage.owners;

import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.DiskSurvey;
import dev.fuselage.overlay.UsageCache;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Measures what a root holds, and remembers what can't change. Used by one thread; holds no lock
 * while it walks.
 */
final class Measuring {
  private final MetadataStore store;
  private final UsageCache usages;
  private final DiskSurvey survey;
  private final int activesARound;
  private final Predicate<String> shrinking;
  private final Map<SnapshotId, Usage> besides = new HashMap<>();
  private Usage usual = Usage.NONE;
  private final Map<String, Usage> trash = new HashMap<>();
  private Map<String, Usage> orphans = Map.of();
  private Set<String> suspects = Set.of();

  /**
   * @param shrinking whether somebody has begun to delete the tree of this name in the trash
   */
  Measuring(
      MetadataStore store,
      UsageCache usages,
      DiskSurvey survey,
      int activesARound,
      Predicate<String> shrinking) {
    this.store = store;
    this.usages = usages;
    this.survey = survey;
    this.activesARound = activesARound;
    this.shrinking = shrinking;
  }

  /** All snapshots with what they take. */
  Map<SnapshotId, Node> snapshots(Duration maxAge, Pacer pacer) {
    // Names first: a directory that has no record later has lost it, or gets it soon.
    List<String> names = survey.snapshotDirectories();
    Map<SnapshotId, Node> nodes = new HashMap<>();
    try (Listing<Snapshot> listing = store.list()) {
      while (listing.hasNext()) {
        Node node = new Node(listing.next());
        nodes.put(node.id, node);
      }
    }
    usages.retain(nodes.keySet());
    besides.keySet().retainAll(nodes.keySet());
    walkActives(nodes, maxAge, pacer);
    for (Node node : nodes.values()) {
      if (node.kind == Kind.ACTIVE) {
        node.files = usages.last(node.id).map(UsageCache.Measured::usage).orElse(Usage.NONE);
      } else if (node.kind == Kind.VIEW) {
        // Its own directory is empty, and never written to.
        node.files = survey.snapshotDirectory(node.id + "/fs", pacer);
      }
      node.all = node.files.plus(besides(node.id, pacer));
    }
    findOrphans(names, nodes, pacer);
    return nodes;
  }

  /** Those whose last walk is longest ago come first, so that all have their turn. */
  private void walkActives(Map<SnapshotId, Node> nodes, Duration maxAge, Pacer pacer) {
    List<Node> actives = new ArrayList<>();
    for (Node node : nodes.values()) {
      if (node.kind == Kind.ACTIVE) {
        actives.add(node);
      }
    }
    Map<SnapshotId, Long> ages = HashMap.newHashMap(actives.size());
    long now = System.nanoTime();
    actives.forEach(node -> ages.put(node.id, age(node.id, now)));
    actives.sort(Comparator.comparing((Node node) -> ages.getOrDefault(node.id, 0L)).reversed());
    int walked = 0;
    for (Node node : actives) {
      if (ages.getOrDefault(node.id, 0L) <= maxAge.toNanos() || walked == activesARound) {
        return;
      }
      walked++;
      try {
        Optional<Usage> usage = usages.usage(node.id, pacer, maxAge);
        pacer.walked(usage.map(Usage::inodes).orElse(1L) % 256 + 1);
        besides.remove(node.id);
      } catch (SnapshotException e) {
        // One tree that can't be read is no reason to know nothing of the others.
        Measuring.unreadable(node.key, e);
      }
    }
  }

  private static void unreadable(String key, SnapshotException e) {
    Ledger.LOG.debugf("op=measure key=%s cannot be measured: %s", key, e.getMessage());
  }

  private long age(SnapshotId id, long now) {
    return usages.last(id).map(measured -> now - measured.began()).orElse(Long.MAX_VALUE);
  }

  /** How long ago the walk of any of these was, at most. */
  Duration oldest(Map<SnapshotId, Node> nodes) {
    long now = System.nanoTime();
    long oldest = 0;
    for (Node node : nodes.values()) {
      Optional<UsageCache.Measured> last = usages.last(node.id);
      if (last.isPresent()) {
        oldest = Math.max(oldest, now - last.get().began());
      }
    }
    return Duration.ofNanos(oldest);
  }

  private Usage besides(SnapshotId id, Pacer pacer) {
    Usage known = besides.get(id);
    if (known == null) {
      known = survey.besidesFiles(id, pacer);
      pacer.walked(known.inodes());
      // Nearly all are alike, and need not be there ten thousand times.
      known = known.equals(usual) ? usual : known;
      usual = known;
      besides.put(id, known);
    }
    return known;
  }

  /**
   * What is without a record twice in a row: the record of a new directory comes a moment later.
   */
  private void findOrphans(List<String> names, Map<SnapshotId, Node> nodes, Pacer pacer) {
    Set<String> without = new HashSet<>();
    for (String name : names) {
      if (SnapshotId.parse(name).filter(nodes::containsKey).isEmpty()) {
        without.add(name);
      }
    }
    Set<String> again = new HashSet<>(without);
    again.retainAll(suspects);
    suspects = without;
    orphans =
        remeasured(
            again, orphans, _ -> false, name -> survey.snapshotDirectory(name, pacer), pacer);
  }

  /** Directories among the snapshots that no snapshot has, as the last look found them. */
  Map<String, Usage> orphans() {
    return orphans;
  }

  /** The trees in the trash, each as much as is left of it. */
  Map<String, Usage> trash(Pacer pacer) {
    Map<String, Usage> now =
        remeasured(survey.trash(), trash, shrinking, name -> survey.trash(name, pacer), pacer);
    trash.clear();
    trash.putAll(now);
    return now;
  }

  private static Map<String, Usage> remeasured(
      Iterable<String> names,
      Map<String, Usage> before,
      Predicate<String> changing,
      Function<String, Usage> measure,
      Pacer pacer) {
    Map<String, Usage> now = new HashMap<>();
    for (String name : names) {
      Usage known = before.get(name);
      if (known == null || changing.test(name)) {
        known = measure.apply(name);
        pacer.walked(known.inodes() % 256 + 1);
      }
      now.put(name, known);
    }
    return now;
  }
}
