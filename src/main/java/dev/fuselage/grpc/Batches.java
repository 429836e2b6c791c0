package dev.fuselage.grpc;

import dev.fuselage.grpc.proto.ListSnapshotsResponse;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import java.util.Optional;

/** A listing in pieces that fit a message. */
final class Batches implements AutoCloseable {
  /** As containerd's own service has it. */
  static final int MOST_INFOS = 100;

  /** A batch is only larger if a single info is; clients take 4 MiB at the least. */
  static final int MOST_BYTES = 1 << 20;

  private final Listing<Info> listing;
  private Optional<dev.fuselage.grpc.proto.Info> left = Optional.empty();

  Batches(Listing<Info> listing) {
    this.listing = listing;
  }

  boolean hasNext() {
    return left.isPresent() || listing.hasNext();
  }

  ListSnapshotsResponse next() {
    ListSnapshotsResponse.Builder batch = ListSnapshotsResponse.newBuilder();
    int bytes = 0;
    while (batch.getInfoCount() < MOST_INFOS && hasNext()) {
      dev.fuselage.grpc.proto.Info info = left.orElseGet(() -> Messages.of(listing.next()));
      left = Optional.empty();
      bytes += info.getSerializedSize();
      if (bytes > MOST_BYTES && batch.getInfoCount() > 0) {
        left = Optional.of(info);
        break;
      }
      batch.addInfo(info);
    }
    return batch.build();
  }

  @Override
  public void close() {
    listing.close();
  }
}
