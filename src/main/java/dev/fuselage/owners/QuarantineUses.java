package dev.fuselage.owners;

import dev.fuselage.admin.Quarantine;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A quarantine that also says what in containerd uses a damaged layer. That has to be removed, by
 * containerd, for the layer to be pulled again: nothing else heals it.
 */
public final class QuarantineUses implements Quarantine {
  private final Quarantine quarantine;
  private final Supplier<Optional<View>> views;

  /**
   * @param views containerd's word, empty while it is not to be had
   */
  public QuarantineUses(Quarantine quarantine, Supplier<Optional<View>> views) {
    this.quarantine = quarantine;
    this.views = views;
  }

  @Override
  public List<Entry> list() {
    List<Entry> entries = quarantine.list();
    if (entries.isEmpty()) {
      return entries;
    }
    return views
        .get()
        .map(view -> entries.stream().map(entry -> entry.usedBy(uses(view, entry))).toList())
        .orElse(entries);
  }

  @Override
  public void release(String key) {
    quarantine.release(key);
  }

  /** Containers first: an image's layers stay while one of them stands on them. */
  private static List<Use> uses(View view, Entry entry) {
    Set<ContainerdKey> damaged = new HashSet<>();
    ContainerdKey.parse(entry.key()).ifPresent(damaged::add);
    entry.above().forEach(key -> ContainerdKey.parse(key).ifPresent(damaged::add));
    Set<Use> uses = new LinkedHashSet<>();
    for (View.Container container : view.containers()) {
      if (damaged.contains(container.snapshot())) {
        uses.add(new Use(Reckoning.owner(container), RemovalCommands.container(container)));
      }
    }
    for (View.Image image : view.images()) {
      if (damaged.contains(image.top())) {
        uses.add(new Use(Reckoning.owner(image), RemovalCommands.image(image)));
      }
    }
    return new ArrayList<>(uses);
  }
}
