package dev.fuselage.owners;

import dev.fuselage.admin.Owner;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A snapshot while a report is made: what is needed of its record, and who needs it. */
final class Node {
  private static final String IMAGE_HINT = "containerd.io/snapshot/cri.image-ref";

  final SnapshotId id;
  final String key;
  final Kind kind;
  final Instant created;
  final @Nullable SnapshotId parent;
  final @Nullable String imageHint;

  /** Bytes; 0 for no limit. */
  final long limit;

  /** The label that should say it, where that is no size. */
  final @Nullable String illegibleLimit;

  /** Its files. */
  Usage files = Usage.NONE;

  /** Its files, and what else is in its directory. */
  Usage all = Usage.NONE;

  @Nullable Owner image;
  boolean shared;
  @Nullable Owner container;
  boolean leased;
  int children;

  Node(Snapshot snapshot) {
    id = snapshot.id();
    key = snapshot.key();
    kind = snapshot.kind();
    created = snapshot.created();
    Ancestry ancestry = snapshot.ancestry();
    parent = ancestry.isEmpty() ? null : ancestry.ids().getFirst();
    imageHint = snapshot.labels().get(IMAGE_HINT).orElse(null);
    String label = kind == Kind.ACTIVE ? snapshot.labels().get(Labels.MAX_SIZE).orElse(null) : null;
    OptionalLong size = label == null ? OptionalLong.of(0) : SizeLabel.bytes(label);
    limit = size.orElse(0);
    illegibleLimit = size.isPresent() ? null : label;
    if (snapshot instanceof Snapshot.Committed committed) {
      files = committed.usage();
    }
  }

  /** One more image needs it. */
  void claim(Owner claiming) {
    if (image == null) {
      image = claiming;
    } else if (!image.equals(claiming)) {
      shared = true;
    }
  }
}
