package dev.fuselage.kubernetes.maintenance;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Turns that nodes take by Leases. A Lease that nobody renewed for its length is free: as seen here
 * by our own clock, since clocks of nodes differ. Used by one thread; each method may end by a
 * {@link KubernetesClientException}.
 */
final class Slots {
  private static final String LABEL = "fuselage.dev/turn";

  private final KubernetesClient client;
  private final String namespace;
  private final String holder;
  private final Duration length;
  private final Map<String, Sight> sights = new HashMap<>();

  /** When a Lease was first seen as it is. */
  private record Sight(String version, long nanos) {}

  /**
   * Slots that belong together.
   *
   * @param label by which they are found
   * @param name that those of their Leases begin with
   * @param size how many there are
   * @param owner with which they go; empty if they stay
   */
  record Group(String label, String name, int size, Optional<OwnerReference> owner) {}

  Slots(KubernetesClient client, String namespace, String holder, Duration length) {
    this.client = client;
    this.namespace = namespace;
    this.holder = holder;
    this.length = length;
  }

  /** Takes one, or keeps the one that is held; the answer is its name, empty if none is free. */
  Optional<String> take(Group group) {
    Map<String, Lease> leases =
        client
            .leases()
            .inNamespace(namespace)
            .withLabel(LABEL, group.label())
            .list()
            .getItems()
            .stream()
            .collect(Collectors.toMap(lease -> lease.getMetadata().getName(), lease -> lease));
    leases.values().forEach(this::see);
    Optional<Lease> own = leases.values().stream().filter(this::isOurs).findFirst();
    if (own.isPresent()) {
      return write(own.get(), holder);
    }
    List<Integer> numbers =
        IntStream.range(0, group.size()).boxed().collect(Collectors.toCollection(ArrayList::new));
    // Else all that wait would try the same one.
    Collections.shuffle(numbers);
    for (int number : numbers) {
      String name = "%s.%d".formatted(group.name(), number);
      Lease lease = leases.get(name);
      Optional<String> taken =
          lease == null
              ? create(group, name)
              : isFree(lease) ? write(lease, holder) : Optional.empty();
      if (taken.isPresent()) {
        return taken;
      }
    }
    return Optional.empty();
  }

  /** Keeps a slot, or takes it again if nobody else has; the answer is whether it is held. */
  boolean renew(String name) {
    Lease lease = client.leases().inNamespace(namespace).withName(name).get();
    if (lease == null) {
      return false;
    }
    see(lease);
    return (isOurs(lease) || isFree(lease)) && write(lease, holder).isPresent();
  }

  /** Gives a slot back, if it is still held. */
  void release(String name) {
    Lease lease = client.leases().inNamespace(namespace).withName(name).get();
    if (lease != null && isOurs(lease)) {
      var unused = write(lease, "");
    }
  }

  /**
   * Begins to watch anew. After a time without the server nobody could renew anything, so that no
   * Lease is known to be given up.
   */
  void forget() {
    sights.clear();
  }

  private void see(Lease lease) {
    String version = lease.getMetadata().getResourceVersion();
    sights.compute(
        lease.getMetadata().getName(),
        (_, before) ->
            before != null && before.version().equals(version)
                ? before
                : new Sight(version, System.nanoTime()));
  }

  private boolean isOurs(Lease lease) {
    return holder.equals(lease.getSpec().getHolderIdentity());
  }

  private boolean isFree(Lease lease) {
    String other = lease.getSpec().getHolderIdentity();
    if (other == null || other.isEmpty()) {
      return true;
    }
    Sight sight = sights.get(lease.getMetadata().getName());
    return sight != null && System.nanoTime() - sight.nanos() > length.toNanos();
  }

  private Optional<String> create(Group group, String name) {
    Lease lease =
        new LeaseBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .addToLabels(LABEL, group.label())
            .withOwnerReferences(group.owner().stream().toList())
            .endMetadata()
            .withNewSpec()
            .withHolderIdentity(holder)
            .withLeaseDurationSeconds(seconds())
            .withAcquireTime(now())
            .withRenewTime(now())
            .endSpec()
            .build();
    return unlessOthersWere(() -> client.resource(lease).create());
  }

  private Optional<String> write(Lease lease, String by) {
    lease.getSpec().setHolderIdentity(by);
    lease.getSpec().setRenewTime(now());
    return unlessOthersWere(() -> client.resource(lease).update());
  }

  private static Optional<String> unlessOthersWere(Supplier<Lease> request) {
    try {
      return Optional.of(request.get().getMetadata().getName());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private int seconds() {
    return Math.toIntExact(Math.max(1, length.toSeconds()));
  }

  private static ZonedDateTime now() {
    return ZonedDateTime.now(ZoneOffset.UTC);
  }
}
