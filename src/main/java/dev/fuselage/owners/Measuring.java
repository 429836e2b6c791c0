package dev.fuselage.owners;

import dev.fuselage.admin.Report;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.overlay.DiskSurvey;
import dev.fuselage.overlay.UsageCache;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
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

  /**
   * The tree in the trash that is measured again in this round though nobody deletes it, since a
   * container that still runs may write into it. Each has its turn.
   */
  private String turn = "";

  private Map<String, Usage> orphans = Map.of();
  private Set<String> suspects = Set.of();
  private final Map<String, Usage> own = new HashMap<>();

  private int unmeasured;

  /** When walks of active snapshots failed or found nothing, as {@link System#nanoTime}. */
  private final Map<SnapshotId, Long> fruitless = new HashMap<>();

  private final UnreadableTrees unreadable = new UnreadableTrees("the snapshots");
  private final UnreadableTrees unreadableBesides = new UnreadableTrees("the snapshots' own files");
  private final UnreadableTrees unreadableTrash = new UnreadableTrees("the trash");
  private final UnreadableTrees unreadableOwn = new UnreadableTrees("the root");

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
    Optional<List<String>> names =
        unreadable.read(
            UnreadableTrees.WHOLE,
            Optional.empty(),
            () -> Optional.of(survey.snapshotDirectories()));
    Map<SnapshotId, Node> nodes = new HashMap<>();
    try (Listing<Snapshot> listing = store.list()) {
      while (listing.hasNext()) {
        Node node = new Node(listing.next());
        nodes.put(node.id, node);
      }
    }
    usages.retain(nodes.keySet());
    besides.keySet().retainAll(nodes.keySet());
    fruitless.keySet().retainAll(nodes.keySet());
    walkActives(nodes, maxAge, pacer);
    unmeasured = 0;
    for (Node node : nodes.values()) {
      if (node.kind == Kind.ACTIVE) {
        Optional<UsageCache.Measured> last = usages.last(node.id);
        node.files = last.map(UsageCache.Measured::usage).orElse(Usage.NONE);
        unmeasured += last.isPresent() || fruitless.containsKey(node.id) ? 0 : 1;
      } else if (node.kind == Kind.VIEW) {
        // Its own directory is empty, and never written to.
        node.files =
            unreadable.read(
                node.id.toString(),
                Usage.NONE,
                () -> survey.snapshotDirectory(node.id + "/fs", pacer));
      }
      node.all = node.files.plus(besides(node.id, pacer));
    }
    names.ifPresent(known -> findOrphans(known, nodes, pacer));
    unreadable.retain(name -> isSnapshot(name, nodes) || orphans.containsKey(name));
    unreadableBesides.retain(name -> isSnapshot(name, nodes));
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
      Optional<Usage> usage =
          unreadable.read(
              node.id.toString(), Optional.empty(), () -> usages.usage(node.id, pacer, maxAge));
      pacer.walked(usage.map(Usage::inodes).orElse(1L) % 256 + 1);
      if (usage.isPresent()) {
        fruitless.remove(node.id);
      } else {
        fruitless.put(node.id, now);
      }
      var unused = measureBesides(node.id, pacer);
    }
  }

  private long age(SnapshotId id, long now) {
    long walk = usages.last(id).map(measured -> now - measured.began()).orElse(Long.MAX_VALUE);
    Long tried = fruitless.get(id);
    return tried == null ? walk : Math.min(walk, now - tried);
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
    return known == null ? measureBesides(id, pacer) : known;
  }

  private Usage measureBesides(SnapshotId id, Pacer pacer) {
    Optional<Usage> read =
        unreadableBesides.read(
            id.toString(), Optional.empty(), () -> Optional.of(survey.besidesFiles(id, pacer)));
    if (read.isEmpty()) {
      return besides.getOrDefault(id, Usage.NONE);
    }
    Usage known = read.get();
    pacer.walked(known.inodes());
    // Nearly all are alike, and need not be there ten thousand times.
    known = known.equals(usual) ? usual : known;
    usual = known;
    besides.put(id, known);
    return known;
  }

  private static boolean isSnapshot(String name, Map<SnapshotId, Node> nodes) {
    return SnapshotId.parse(name).filter(nodes::containsKey).isPresent();
  }

  /**
   * What is without a record twice in a row: the record of a new directory comes a moment later.
   */
  private void findOrphans(List<String> names, Map<SnapshotId, Node> nodes, Pacer pacer) {
    Set<String> without = new HashSet<>();
    for (String name : names) {
      if (!isSnapshot(name, nodes)) {
        without.add(name);
      }
    }
    Set<String> again = new HashSet<>(without);
    again.retainAll(suspects);
    suspects = without;
    // Somebody may write into one, and they are few.
    orphans =
        remeasured(
            again,
            orphans,
            _ -> true,
            name -> survey.snapshotDirectory(name, pacer),
            unreadable,
            pacer);
  }

  /** Directories among the snapshots that no snapshot has, as the last look found them. */
  Map<String, Usage> orphans() {
    return orphans;
  }

  /** The trees in the trash, each as much as is left of it. */
  Map<String, Usage> trash(Pacer pacer) {
    Collection<String> names =
        unreadableTrash.read(UnreadableTrees.WHOLE, List.copyOf(trash.keySet()), survey::trash);
    turn = next(names, turn);
    Map<String, Usage> now =
        remeasured(
            names,
            trash,
            name -> shrinking.test(name) || unreadableTrash.contains(name) || name.equals(turn),
            name -> survey.trash(name, pacer),
            unreadableTrash,
            pacer);
    trash.clear();
    trash.putAll(now);
    unreadableTrash.retain(trash::containsKey);
    return now;
  }

  /** The name after another one, and after the last the first; empty if there is none. */
  private static String next(Collection<String> names, String before) {
    return names.stream()
        .filter(name -> name.compareTo(before) > 0)
        .min(Comparator.naturalOrder())
        .or(() -> names.stream().min(Comparator.naturalOrder()))
        .orElse("");
  }

  /** What is Fuselage's own, part by part. */
  Map<Report.Part, Usage> own(Pacer pacer) {
    List<String> names = new ArrayList<>();
    // The root's own directory, besides what is in it.
    names.add("");
    names.addAll(unreadableOwn.read(UnreadableTrees.WHOLE, List.copyOf(own.keySet()), survey::own));
    Map<String, Usage> now =
        remeasured(names, own, _ -> true, name -> survey.own(name, pacer), unreadableOwn, pacer);
    own.clear();
    own.putAll(now);
    unreadableOwn.retain(own::containsKey);
    Map<Report.Part, Usage> parts = new EnumMap<>(Report.Part.class);
    own.forEach((name, usage) -> parts.merge(DiskSurvey.part(name), usage, Usage::plus));
    return parts;
  }

  /** What is not as measured in all that was told since the last look at the snapshots. */
  Report.Gaps gaps() {
    return new Report.Gaps(
        unmeasured,
        unreadable.count()
            + unreadableBesides.count()
            + unreadableTrash.count()
            + unreadableOwn.count());
  }

  private static Map<String, Usage> remeasured(
      Iterable<String> names,
      Map<String, Usage> before,
      Predicate<String> changing,
      Function<String, Usage> measure,
      UnreadableTrees unreadable,
      Pacer pacer) {
    Map<String, Usage> now = new HashMap<>();
    for (String name : names) {
      Usage known = before.get(name);
      if (known == null || changing.test(name)) {
        known =
            unreadable.read(name, known == null ? Usage.NONE : known, () -> measure.apply(name));
        pacer.walked(known.inodes() % 256 + 1);
      }
      now.put(name, known);
    }
    return now;
  }
}
