package dev.fuselage.owners;

import dev.fuselage.admin.Holding;
import dev.fuselage.admin.OverLimit;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Report;
import dev.fuselage.admin.SnapshotRow;
import dev.fuselage.admin.Unclaimed;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds out who needs which snapshot, and adds up. Made for one report. */
final class Reckoning {
  private static final Comparator<SnapshotRow> BY_BYTES =
      Comparator.comparingLong((SnapshotRow row) -> row.usage().bytes())
          .thenComparing(SnapshotRow::key);

  private final Map<SnapshotId, Node> nodes;
  private final Optional<View> view;
  private final Map<SnapshotId, Instant> unclaimedSince;
  private final Settings settings;
  private final Instant now;
  private final Map<Owner, Holding> holdings = new HashMap<>();
  private final Map<Kind, Report.Sum> kinds = new EnumMap<>(Kind.class);
  private final List<Candidate> unclaimed = new ArrayList<>();
  private final List<OverLimit> overLimit = new ArrayList<>();
  private final PriorityQueue<SnapshotRow> largest = new PriorityQueue<>(BY_BYTES);
  private Report.Sum others = Report.Sum.NONE;

  private record Candidate(Node node, SnapshotRow row, Instant since) {}

  /**
   * What to make of it.
   *
   * @param unclaimedAfter how long nobody must have needed a snapshot
   * @param largest how many snapshots are named
   * @param defaultLimit of writable snapshots without a label, in bytes; 0 for none
   */
  record Settings(Duration unclaimedAfter, int largest, long defaultLimit) {}

  /**
   * @param unclaimedSince when snapshots were first seen without anybody who needs them; brought up
   *     to date
   */
  Reckoning(
      Map<SnapshotId, Node> nodes,
      Optional<View> view,
      Map<SnapshotId, Instant> unclaimedSince,
      Settings settings,
      Instant now) {
    this.nodes = nodes;
    this.view = view;
    this.unclaimedSince = unclaimedSince;
    this.settings = settings;
    this.now = now;
  }

  /** Adds all snapshots. */
  void addSnapshots() {
    nodes.values().forEach(node -> parentOf(node).ifPresent(parent -> parent.children++));
    view.ifPresent(this::claim);
    nodes.values().forEach(this::add);
    unclaimedSince.keySet().retainAll(nodes.keySet());
  }

  private Optional<Node> parentOf(Node node) {
    return Optional.ofNullable(node.parent).map(nodes::get);
  }

  private void claim(View seen) {
    Map<ContainerdKey, Node> byKey = named(seen);
    for (View.Image image : seen.images()) {
      Owner owner = owner(image);
      eachFrom(byKey.get(image.top()), node -> node.claim(owner));
    }
    for (View.Image image : seen.images()) {
      Owner owner = owner(image);
      Usage[] shared = {Usage.NONE};
      eachFrom(
          byKey.get(image.top()),
          node -> {
            if (node.shared) {
              shared[0] = shared[0].plus(node.all);
            }
          });
      holdings.merge(
          owner,
          new Holding(owner, 0, Usage.NONE, shared[0]),
          (one, other) -> one.shared().bytes() >= other.shared().bytes() ? one : other);
    }
    for (View.Container container : seen.containers()) {
      Owner owner = owner(container);
      eachFrom(byKey.get(container.snapshot()), node -> node.container = owner);
    }
    for (ContainerdKey key : seen.leased()) {
      eachFrom(byKey.get(key), node -> node.leased = true);
    }
  }

  /** The nodes that it names: of ten thousand others the keys would be a burden. */
  private Map<ContainerdKey, Node> named(View seen) {
    Set<ContainerdKey> wanted = new HashSet<>(seen.leased());
    seen.images().forEach(image -> wanted.add(image.top()));
    seen.containers().forEach(container -> wanted.add(container.snapshot()));
    return named(wanted);
  }

  /**
   * Of several with the same key the one that was made last, since containerd removed the others.
   */
  private Map<ContainerdKey, Node> named(Set<ContainerdKey> wanted) {
    Map<ContainerdKey, Node> byKey = HashMap.newHashMap(wanted.size());
    nodes
        .values()
        .forEach(
            node ->
                ContainerdKey.parse(node.key)
                    .filter(wanted::contains)
                    .ifPresent(
                        key ->
                            byKey.merge(
                                key,
                                node,
                                (one, other) -> one.id.compareTo(other.id) > 0 ? one : other)));
    return byKey;
  }

  /** What an image is called in reports. */
  static Owner owner(View.Image image) {
    return new Owner(OwnerKind.IMAGE, image.top().namespace(), image.name());
  }

  /** What a container is called in reports. */
  static Owner owner(View.Container container) {
    return container
        .pod()
        .map(pod -> new Owner(OwnerKind.POD, pod.namespace(), pod.name()))
        .orElseGet(
            () -> new Owner(OwnerKind.CONTAINER, container.snapshot().namespace(), container.id()));
  }

  /** A snapshot and all below it. */
  private void eachFrom(@Nullable Node first, Consumer<Node> action) {
    Optional<Node> node = Optional.ofNullable(first);
    while (node.isPresent()) {
      action.accept(node.get());
      node = parentOf(node.get());
    }
  }

  private void add(Node node) {
    Owner owner = ownerOf(node);
    add(owner, node.all);
    kinds.put(node.kind, kinds.getOrDefault(node.kind, Report.Sum.NONE).plus(node.all));
    SnapshotRow row = new SnapshotRow(node.key, node.kind, owner, node.all, node.created);
    largest.add(row);
    if (largest.size() > settings.largest()) {
      others = others.plus(largest.remove().usage());
    }
    if (owner.kind() == OwnerKind.UNCLAIMED) {
      unclaimed.add(new Candidate(node, row, unclaimedSince.getOrDefault(node.id, now)));
    }
    long limit = node.limit == 0 ? settings.defaultLimit() : node.limit;
    if (node.kind == Kind.ACTIVE && limit > 0 && node.files.bytes() > limit) {
      overLimit.add(new OverLimit(row, limit));
    }
  }

  /** Adds something that is no snapshot. */
  void add(Owner owner, Usage usage) {
    holdings.put(
        owner,
        Optional.ofNullable(holdings.get(owner))
            .orElseGet(() -> new Holding(owner, 0, Usage.NONE, Usage.NONE))
            .plus(usage));
  }

  private Owner ownerOf(Node node) {
    Owner image = node.image;
    Owner container = node.container;
    boolean needed = image != null || container != null || node.leased;
    if (needed || view.isEmpty()) {
      unclaimedSince.remove(node.id);
    }
    if (image != null) {
      return node.shared ? Owner.SHARED : image;
    }
    if (container != null) {
      return container;
    }
    if (node.leased) {
      return Owner.of(OwnerKind.UNPACKING);
    }
    boolean extraction =
        ContainerdKey.parse(node.key).filter(ContainerdKey::isExtraction).isPresent();
    if (view.isEmpty()) {
      return unseen(node, extraction);
    }
    Instant since = unclaimedSince.computeIfAbsent(node.id, unused -> now);
    if (Duration.between(since, now).compareTo(settings.unclaimedAfter()) >= 0) {
      return Owner.of(OwnerKind.UNCLAIMED);
    }
    return Owner.of(extraction ? OwnerKind.UNPACKING : OwnerKind.PENDING);
  }

  /** What key and labels tell, without containerd's word. */
  private static Owner unseen(Node node, boolean extraction) {
    if (extraction) {
      return Owner.of(OwnerKind.UNPACKING);
    }
    Optional<ContainerdKey> key = ContainerdKey.parse(node.key);
    Optional<Owner> image = hinted(node);
    if (image.isPresent()) {
      return image.get();
    }
    if (node.kind == Kind.ACTIVE && key.isPresent()) {
      return new Owner(OwnerKind.CONTAINER, key.get().namespace(), key.get().key());
    }
    return Owner.of(OwnerKind.UNKNOWN);
  }

  /** The image that a label says a layer is of. */
  static Optional<Owner> hinted(Node node) {
    if (node.kind != Kind.COMMITTED || node.imageHint == null) {
      return Optional.empty();
    }
    String namespace = ContainerdKey.parse(node.key).map(ContainerdKey::namespace).orElse("");
    return Optional.of(new Owner(OwnerKind.IMAGE, namespace, node.imageHint));
  }

  List<Holding> holdings() {
    List<Holding> sorted = new ArrayList<>(holdings.values());
    sorted.sort(
        Comparator.comparingLong((Holding holding) -> holding.usage().bytes())
            .reversed()
            .thenComparing(holding -> holding.owner().kind())
            .thenComparing(holding -> holding.owner().namespace())
            .thenComparing(holding -> holding.owner().name()));
    return sorted;
  }

  Map<Kind, Report.Sum> kinds() {
    return kinds;
  }

  List<SnapshotRow> largest() {
    List<SnapshotRow> sorted = new ArrayList<>(largest);
    sorted.sort(BY_BYTES.reversed());
    return sorted;
  }

  Report.Sum others() {
    return others;
  }

  List<Unclaimed> unclaimed(Remedies remedies) {
    unclaimed.sort(Comparator.comparing(Candidate::row, BY_BYTES.reversed()));
    Set<ContainerdKey> keys = new HashSet<>();
    unclaimed.forEach(one -> ContainerdKey.parse(one.node().key).ifPresent(keys::add));
    Set<Node> youngest = keys.isEmpty() ? Set.of() : new HashSet<>(named(keys).values());
    return unclaimed.stream()
        .map(one -> remedies.of(one.node(), one.row(), one.since(), youngest.contains(one.node())))
        .toList();
  }

  List<OverLimit> overLimit() {
    return overLimit;
  }
}
