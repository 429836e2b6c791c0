package dev.fuselage.overlay;

import dev.fuselage.snapshot.Filter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Snapshot;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/** What of a listing of the store passes a filter, as containerd is told of it. */
final class InfoListing implements Listing<Info> {
  private final Filter filter;
  private final Listing<Snapshot> snapshots;
  private final Function<Snapshot, Info> told;
  private Optional<Info> ahead = Optional.empty();

  InfoListing(Filter filter, Listing<Snapshot> snapshots, Function<Snapshot, Info> told) {
    this.filter = filter;
    this.snapshots = snapshots;
    this.told = told;
  }

  @Override
  public boolean hasNext() {
    while (ahead.isEmpty() && snapshots.hasNext()) {
      Snapshot snapshot = snapshots.next();
      if (filter.matches(snapshot.info())) {
        ahead = Optional.of(told.apply(snapshot));
      }
    }
    return ahead.isPresent();
  }

  @Override
  public Info next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Info next = ahead.orElseThrow();
    ahead = Optional.empty();
    return next;
  }

  @Override
  public void close() {
    snapshots.close();
  }
}
