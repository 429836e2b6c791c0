package dev.fuselage.grpc;

import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A listing in pieces that fit a message. */
final class Batches implements AutoCloseable {
  /** As containerd's own service has it. */
  static final int MOST_INFOS = 100;

  /** A batch is only larger if a single info is; clients take 4 MiB at the least. */
  static final int MOST_BYTES = 1 << 20;

  private final Listing<Info> listing;
  private Optional<Info> left = Optional.empty();

  Batches(Listing<Info> listing) {
    this.listing = listing;
  }

  boolean hasNext() {
    return left.isPresent() || listing.hasNext();
  }

  InfoMessage next() {
    List<Info> batch = new ArrayList<>(MOST_INFOS);
    int[] sizes = new int[MOST_INFOS];
    int bytes = 0;
    while (batch.size() < MOST_INFOS && hasNext()) {
      Info info = left.orElseGet(listing::next);
      left = Optional.empty();
      int size = InfoMessage.size(info);
      if (bytes + size > MOST_BYTES && !batch.isEmpty()) {
        left = Optional.of(info);
        break;
      }
      bytes += size;
      sizes[batch.size()] = size;
      batch.add(info);
    }
    return InfoMessage.of(batch, sizes);
  }

  @Override
  public void close() {
    listing.close();
  }
}
