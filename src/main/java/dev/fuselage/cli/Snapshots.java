package dev.fuselage.cli;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Questions to a service that take several calls. */
final class Snapshots {
  /** Enough to hide the way to the service and back, and too few to hold up containerd's calls. */
  private static final int CONCURRENT_CALLS = 8;

  private Snapshots() {}

  /** In the order of their keys. */
  static List<Info> list(Snapshotter snapshotter, List<String> filters) {
    List<Info> infos = new ArrayList<>();
    try (Listing<Info> listing = snapshotter.list(filters)) {
      listing.forEachRemaining(infos::add);
    }
    return infos;
  }

  /**
   * The usage of each snapshot by its key; one that is gone by now is left out.
   *
   * @throws SnapshotException if a call fails in any other way; those still to come are given up
   */
  static Map<String, Usage> usages(Snapshotter snapshotter, Collection<Info> infos) {
    try (ExecutorService executor = Executors.newFixedThreadPool(CONCURRENT_CALLS)) {
      Map<String, Future<Optional<Usage>>> calls = HashMap.newHashMap(infos.size());
      for (Info info : infos) {
        calls.put(info.name(), executor.submit(() -> usage(snapshotter, info.name())));
      }
      try {
        Map<String, Usage> usages = HashMap.newHashMap(infos.size());
        for (var call : calls.entrySet()) {
          call.getValue().get().ifPresent(usage -> usages.put(call.getKey(), usage));
        }
        return usages;
      } catch (ExecutionException e) {
        executor.shutdownNow();
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw new SnapshotException(SnapshotException.Code.CANCELLED, "interrupted", e);
      }
    }
  }

  private static Optional<Usage> usage(Snapshotter snapshotter, String key) {
    try {
      return Optional.of(snapshotter.usage(Call.PATIENT, key));
    } catch (SnapshotException e) {
      if (e.code() == SnapshotException.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
