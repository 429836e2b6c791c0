package dev.fuselage.observability;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once calls are answered on the socket, and until they are not any more. */
@Readiness
@Singleton
final class ServingCheck implements HealthCheck {
  private final ServiceState state;

  ServingCheck(ServiceState state) {
    this.state = state;
  }

  @Override
  public HealthCheckResponse call() {
    ServiceState.State now = state.get();
    return HealthCheckResponse.named("snapshotter")
        .status(now.serving())
        .withData("detail", now.detail())
        .build();
  }
}
