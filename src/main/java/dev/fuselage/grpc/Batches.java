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
  private Optional<byte[]> left = Optional.empty();

  Batches(Listing<Info> listing) {
    this.listing = listing;
  }

  boolean hasNext() {
    return left.isPresent() || listing.hasNext();
  }

  InfoMessage next() {
    List<byte[]> batch = new ArrayList<>(MOST_INFOS);
    int bytes = 0;
    while (batch.size() < MOST_INFOS && hasNext()) {
      // No lambda: without the larger compiler, one that captures costs more than all else here.
      byte[] info = left.isPresent() ? left.get() : InfoMessage.encode(listing.next());
      left = Optional.empty();
      bytes += info.length;
      if (bytes > MOST_BYTES && !batch.isEmpty()) {
        left = Optional.of(info);
        break;
      }
      batch.add(info);
    }
    return InfoMessage.of(batch);
  }

  @Override
  public void close() {
    listing.close();
  }
}
