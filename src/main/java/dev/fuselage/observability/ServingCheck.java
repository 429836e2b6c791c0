package dev.fuselage.observability;

import jakarta.inject.Singleton;

/** Ready once calls are answered on the socket, and until they are not any more. */
@Singleton
final class ServingCheck implements HealthCheck {
  private final ServiceState state;

  ServingCheck(ServiceState state) {
    this.state = state;
  }

  @Override
  public String name() {
    return "snapshotter";
  }

  @Override
  public Probe probe() {
    return Probe.READY;
  }

  @Override
  public Health health() {
    ServiceState.State now = state.get();
    return new Health(now.serving(), now.detail());
  }
}
