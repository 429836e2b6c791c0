package dev.fuselage.owners;

import dev.fuselage.admin.Layers;
import dev.fuselage.admin.Owner;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import dev.fuselage.metadata.MetadataStore;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Looks up the layers of images in the store when somebody asks, and keeps nothing of them. */
public final class ImageLayers implements Layers {
  private final MetadataStore store;
  private final Supplier<Optional<View>> views;

  /**
   * @param views containerd's word, empty while it is not to be had: then an image is known by what
   *     labels say of its layers
   */
  public ImageLayers(MetadataStore store, Supplier<Optional<View>> views) {
    this.store = store;
    this.views = views;
  }

  @Override
  public List<Layer> of(Owner image) {
    List<Layer> layers = new ArrayList<>();
    Optional<View> view = views.get();
    if (view.isPresent()) {
      Map<SnapshotId, Integer> images = needed(view.get(), image);
      eachCommitted(
          layer -> {
            Integer needing = images.get(layer.id());
            if (needing != null) {
              layers.add(row(layer, needing));
            }
          });
    } else {
      eachCommitted(
          layer -> {
            if (Reckoning.hinted(new Node(layer)).equals(Optional.of(image))) {
              layers.add(row(layer, 1));
            }
          });
    }
    layers.sort(
        Comparator.comparingLong((Layer layer) -> layer.usage().bytes())
            .reversed()
            .thenComparing(Layer::key));
    return layers;
  }

  private static Layer row(Snapshot.Committed layer, int images) {
    return new Layer(layer.key(), layer.usage(), layer.created(), images);
  }

  /** What an image needs, and how many images need it. */
  private Map<SnapshotId, Integer> needed(View view, Owner image) {
    Map<ContainerdKey, Set<Owner>> named = new HashMap<>();
    for (View.Image seen : view.images()) {
      named.computeIfAbsent(seen.top(), unused -> new HashSet<>()).add(Reckoning.owner(seen));
    }
    Map<SnapshotId, Set<Owner>> needing = new HashMap<>();
    eachCommitted(
        layer ->
            ContainerdKey.parse(layer.key())
                .map(named::get)
                .ifPresent(
                    owners -> {
                      add(needing, layer.id(), owners);
                      layer.ancestry().ids().forEach(below -> add(needing, below, owners));
                    }));
    Map<SnapshotId, Integer> counts = new HashMap<>();
    needing.forEach(
        (id, owners) -> {
          if (image.equals(Owner.SHARED) ? owners.size() > 1 : owners.contains(image)) {
            counts.put(id, owners.size());
          }
        });
    return counts;
  }

  private static void add(Map<SnapshotId, Set<Owner>> needing, SnapshotId id, Set<Owner> owners) {
    needing.computeIfAbsent(id, unused -> new HashSet<>()).addAll(owners);
  }

  private void eachCommitted(Consumer<Snapshot.Committed> action) {
    try (Listing<Snapshot> listing = store.list()) {
      while (listing.hasNext()) {
        if (listing.next() instanceof Snapshot.Committed committed) {
          action.accept(committed);
        }
      }
    }
  }
}
